"""How Sphinx builds these pages: `make docs` writes docs/_build, which needs no network to be made or read."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import reference_pages  # noqa: E402 - it lies beside this file

from beatnaive import __version__  # noqa: E402

project, author, release = "BeatNaive", "The BeatNaive developers", __version__
copyright = author  # noqa: A001 - Sphinx's own name for it
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "BeatNaive"
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["pages.css"]
myst_heading_anchors = 3
myst_links_external_new_tab = False
# a shell session is not quite the language that it is coloured as; two rooms may have a class of one name
suppress_warnings = ["misc.highlighting_failure", "ref.python"]

autodoc_default_options = {
    "members": True,
    "member-order": "bysource",
    "show-inheritance": True,
    "ignore-module-all": True,
}
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 100
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries = False  # furo copies the whole contents into each page: two thousand objects took half of the build


def skip_inherited(app, what, name, thing, skip, options):  # noqa: D103
    # what scikit-learn adds to our classes is described by scikit-learn
    where = getattr(thing, "__module__", None) or "beatnaive"
    return True if callable(thing) and where.partition(".")[0] in ("sklearn", "keras", "builtins") else None


def list_modules_with_pages(app):  # noqa: D103
    # viewcode lists every module it looked for, those without source too
    app.env._viewcode_modules = {name: found for name, found in app.env._viewcode_modules.items() if found}
    return ()


def setup(app):  # noqa: D103 - Sphinx calls it
    app.connect("builder-inited", lambda app: reference_pages.write(Path(app.srcdir) / "reference"))
    app.connect("autodoc-process-docstring", reference_pages.to_rst)
    app.connect("autodoc-skip-member", skip_inherited)
    app.connect("html-collect-pages", list_modules_with_pages, priority=400)
