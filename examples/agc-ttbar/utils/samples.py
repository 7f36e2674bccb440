"""What the analysis is made of: processes, cross sections and luminosity.

Numbers are the public ones of the IRIS-HEP Analysis Grand Challenge (CMS 2015 Open Data, 13 TeV).
"""

from __future__ import annotations

LUMINOSITY = 3378.0
"""Integrated luminosity, in inverse picobarn."""

CROSS_SECTIONS: dict[str, float] = {
    "ttbar": 396.87 + 332.97,
    "single_top_s_chan": 2.0268 + 1.2676,
    "single_top_t_chan": (36.993 + 22.175) / 0.252,
    "single_top_tW": 37.936 + 37.906,
    "wjets": 61457 * 0.252,
}
"""Cross section of each simulated process, in picobarn; a process not in here is not scaled."""

LABELS: dict[str, str] = {
    "ttbar": r"$t\bar{t}$",
    "single_top_s_chan": "single top, s channel",
    "single_top_t_chan": "single top, t channel",
    "single_top_tW": "single top, tW",
    "wjets": r"$W$+jets",
}
"""How each process is written in a legend, from the most to the least wanted."""

REAL_SAMPLES: dict[tuple[str, str], tuple[int, int]] = {
    ("ttbar", "nominal"): (243, 276_079_127),
    ("ttbar", "scaledown"): (32, 39_329_663),
    ("ttbar", "scaleup"): (33, 38_424_467),
    ("ttbar", "ME_var"): (16, 19_098_219),
    ("ttbar", "PS_var"): (15, 19_337_064),
    ("single_top_s_chan", "nominal"): (6, 2_867_199),
    ("single_top_t_chan", "nominal"): (90, 109_305_936),
    ("single_top_tW", "nominal"): (3, 1_999_400),
    ("wjets", "nominal"): (349, 433_719_099),
}
"""Files and events of the real inputs, by process and variation; toy data keep the proportions."""
