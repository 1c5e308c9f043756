"""The site: `pip install '.[docs]'`, then `sphinx-build -W --keep-going -b html docs site`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import xpnet

project, author = "xpnet", "the xpnet developers"
copyright = author  # noqa: A001  # Sphinx's name
version = release = xpnet.__version__

extensions = [
    *["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"],
    *["reference", "code_names", "source_pages", "folder_pages", "mathml"],  # docs/_ext
]
exclude_patterns = ["_ext"]
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence"]
myst_heading_anchors = 4
myst_links_external_new_tab = False
suppress_warnings = ["ref.footnote"]  # a docstring's references need no mark in its text

default_role = "py:obj"  # `Result` in a docstring
autodoc_typehints = "none"  # docstrings say more than annotations: shapes and units
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_use_admonition_for_examples = False
python_display_short_literal_types = True
html_math_renderer = "mathml"

html_theme = "pydata_sphinx_theme"
html_title = "xpnet"
html_context = {"default_mode": "auto"}
html_static_path = ["_static"]
html_favicon = "_static/xpnet.svg"
html_css_files = ["site.css"]
html_search_scorer = str(Path(__file__).parent / "_static" / "scorer.js")  # a path from the working folder
html_show_sourcelink = False
html_copy_source = False
html_sidebars = {"index": []}
html_theme_options = {
    "logo": {"text": "xpnet", "image_light": "_static/xpnet.svg", "image_dark": "_static/xpnet.svg"},
    "header_links_before_dropdown": 8,
    "navbar_align": "left",
    "show_prev_next": True,
    "show_toc_level": 2,
    "navigation_depth": 3,
    "collapse_navigation": True,
    "search_bar_text": "Search",
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
    "navigation_with_keys": False,
}
