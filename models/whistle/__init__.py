"""街道吹哨、部门报到 A street's whistle: a report that a street cannot settle alone becomes a matter of the five parties."""
