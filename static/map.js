// Maps of reports: places drawn from our own data, with tiles beneath where the district has some.
"use strict";

(() => {
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const tones = { bad: "--wf-bad", wait: "--wf-wait", good: "--wf-good", work: "--wf-teal", up: "--wf-up", plain: "--wf-plain" };
  const read = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "application/geo+json" } }).catch(() => null);
    return answer?.ok ? answer.json() : { type: "FeatureCollection", features: [] };
  };
  const dotted = (feature, at) => {
    const { tone, radius = 8, hollow = false } = feature.properties;
    const colour = token(tones[tone] ?? "--wf-teal");
    return L.circleMarker(at, {
      radius, weight: radius < 8 && !hollow ? 1 : 2, color: hollow ? colour : token("--wf-card"),
      fillOpacity: hollow ? 0 : 0.95, fillColor: colour,
    });
  };
  const told = (feature, layer) => {
    const box = document.createElement("div");
    const title = document.createElement(feature.properties.link ? "a" : "b");
    if (feature.properties.link) title.href = feature.properties.link;
    title.textContent = feature.properties.title;
    box.append(title, document.createElement("br"), feature.properties.place ?? "");
    layer.bindPopup(box);
  };
  const place = (feature, at) => {
    const isCompound = feature.properties.kind === "compound";
    return L.circleMarker(at, {
      radius: isCompound ? 4 : 7, weight: 1, color: token("--wf-soft"), fillColor: token("--wf-line"), fillOpacity: 0.8,
    }).bindTooltip(feature.properties.name, isCompound
      ? { permanent: true, direction: "bottom", offset: [0, 4], className: "place-name" }
      : { permanent: false, direction: "top" });
  };

  const NEAR = 15;
  const draw = async (box) => {
    const map = L.map(box, { attributionControl: false, scrollWheelZoom: false });
    // Names of compounds stand where there is room for them.
    map.on("zoomend", () => box.classList.toggle("is-near", map.getZoom() >= NEAR));
    map.setView([35.23, 113.25], 13);
    if (box.dataset.tiles) L.tileLayer(box.dataset.tiles, { maxZoom: 19 }).addTo(map);
    const [places, points] = await Promise.all([read(box.dataset.places), read(box.dataset.map || box.dataset.places)]);
    const ground = L.geoJSON(places, { pointToLayer: place }).addTo(map);
    const isShown = Boolean(box.dataset.map);
    const shown = isShown ? L.geoJSON(points, { pointToLayer: dotted, onEachFeature: told }).addTo(map) : null;
    const bounds = shown?.getLayers().length ? shown.getBounds() : ground.getBounds();
    if (bounds.isValid()) map.fitBounds(bounds, { padding: [24, 24], maxZoom: 16 });
    if (box.dataset.pick) pick(box, map, ground);
  };

  // Choosing a place: a tap sets the position, a tap on a place chooses it.
  const pick = (box, map, ground) => {
    const form = box.closest("form");
    let mark = null;
    const set = (at) => {
      form.elements.latitude.value = at.lat.toFixed(6);
      form.elements.longitude.value = at.lng.toFixed(6);
      form.elements.latitude.dispatchEvent(new Event("change"));
      if (mark) mark.setLatLng(at);
      else mark = L.circleMarker(at, { radius: 10, color: token("--wf-bad"), weight: 3 }).addTo(map);
    };
    const tapped = (at) => {
      form.elements.accuracy.value = ""; // that was the device's
      set(at);
    };
    map.on("click", (event) => tapped(event.latlng));
    ground.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      form.elements.place.value = event.propagatedFrom.feature.id;
      tapped(event.latlng);
    });
    form.addEventListener("reset", () => {
      mark?.remove();
      mark = null;
    });
    document.addEventListener("wufang:position", (event) => {
      const at = L.latLng(event.detail.latitude, event.detail.longitude);
      set(at);
      map.setView(at, 16);
    });
  };

  window.addEventListener("load", () => {
    for (const box of document.querySelectorAll("[data-map]")) {
      box.hidden = false;
      draw(box);
    }
  });
})();
