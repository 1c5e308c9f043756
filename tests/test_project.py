"""What a public project has: one version, one address, links that lead somewhere, templates that can be read."""

import re
import tomllib
from pathlib import Path

import pytest

import xpnet

ROOT = Path(__file__).parents[1]
ADDRESS = "https://github.com/xpnet/xpnet"
PAGES = ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "docs/stability.md",
         "docs/releasing.md", "docs/decisions/0014-releases.md"]  # fmt: skip
TEMPLATES = [f".github/ISSUE_TEMPLATE/{name}.yml" for name in ("bug", "feature", "question", "gpu", "config")]


def text(path: str) -> str:
    """Return a file of the checkout; the templates are not in the sdist."""
    file = ROOT / path
    if path.startswith(".github") and not (ROOT / ".github").exists():
        pytest.skip("the templates are in the checkout only")
    return file.read_text(encoding="utf-8")


def slug(heading: str) -> str:
    """Return the anchor of a heading, as the project's page makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def test_the_citation_has_the_version_of_the_package() -> None:
    assert re.search(r"^version: (.+)$", text("CITATION.cff"), re.M)[1] == xpnet.__version__


def test_the_changelog_begins_with_what_is_unreleased_or_this_version_on_the_date_of_the_citation() -> None:
    newest, day = re.search(r"^## \[(.+?)\](?: - (.+))?$", text("CHANGELOG.md"), re.M).groups()
    if newest != "Unreleased":
        assert (newest, day) == (xpnet.__version__, re.search(r"^date-released: (.+)$", text("CITATION.cff"), re.M)[1])


def test_one_address_everywhere() -> None:
    urls = tomllib.loads(text("pyproject.toml"))["project"]["urls"]
    assert set(urls) == {"Documentation", "Source", "Changelog", "Issues"}
    assert all(url.startswith(ADDRESS) for url in urls.values())
    assert f'repository-code: "{ADDRESS}"' in text("CITATION.cff")
    assert ADDRESS in text("SECURITY.md")


@pytest.mark.parametrize("key", ["Documentation", "Changelog"])
def test_an_address_of_a_page_names_a_file(key: str) -> None:
    url = tomllib.loads(text("pyproject.toml"))["project"]["urls"][key]
    assert (ROOT / url.removeprefix(f"{ADDRESS}/blob/main/")).is_file()


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_a_heading(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text(page)):
        path, _, anchor = target.partition("#")
        if not (ROOT / ".github").exists() and path.startswith(".github"):
            continue
        file = (ROOT / page).parent / path if path else ROOT / page
        # the tests of an sdist run on the installed package, which is not beside them
        if path.startswith("xpnet/") and not (ROOT / "xpnet").exists():
            file = Path(xpnet.__file__).parents[1] / path
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.M)
            assert anchor in map(slug, headings), target


def test_the_description_has_no_relative_link() -> None:
    hook = tomllib.loads(text("pyproject.toml"))["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]
    readme = text(hook["fragments"][0]["path"]) + "\n![a picture](docs/pictures/a.png)"
    for rule in hook["substitutions"]:
        readme = re.sub(rule["pattern"], rule["replacement"], readme)
    assert f"]({ADDRESS}/blob/v$HFPR_VERSION/docs/tour.md)" in readme
    assert "![a picture](https://raw.githubusercontent.com/xpnet/xpnet/v$HFPR_VERSION/docs/pictures/a.png)" in readme
    assert not re.findall(r"\]\((?!https?:|#)", readme)


@pytest.mark.parametrize("path", TEMPLATES)
def test_a_template_can_be_read(path: str) -> None:
    yaml = pytest.importorskip("yaml")
    form = yaml.safe_load(text(path))
    if path.endswith("config.yml"):
        assert [link["url"].startswith(ADDRESS) for link in form["contact_links"]] == [True]
        return
    assert {"name", "description", "body"} <= set(form)
    kinds = {"input", "textarea", "dropdown", "checkboxes", "markdown"}
    assert all(part["type"] in kinds and part["attributes"]["label"] for part in form["body"])
    ids = [part["id"] for part in form["body"]]
    assert len(ids) == len(set(ids))


def test_every_supported_python_is_declared_and_types_are_marked() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    declared = [name.rpartition(" ")[2] for name in project["classifiers"] if re.search(r":: 3\.\d+$", name)]
    assert declared[0] == project["requires-python"].removeprefix(">=")
    assert (Path(xpnet.__file__).parent / "py.typed").is_file()
    # documented beside the policy
    assert f"{declared[0]} to {declared[-1]}" in text("docs/stability.md")
