"""Reports 上报: what riders and others see in the district, on its way from 采集 to 结案."""
