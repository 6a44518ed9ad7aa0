"""Who may ask the app what: every way in from outside is tried, and nothing is answered, lost or read."""

from contextlib import suppress
from http.client import HTTPConnection

import pytest
from app_client import app
from run_folders import run_folder

from beatnaive.app.security import FORM, LOOPBACK, UPLOAD, Access, Request

SECRET = "outside of the app's folder"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a run, a secret beside it, and a link to the secret inside the run."""
    home = tmp_path_factory.mktemp("attacked")
    (home / "secret").mkdir()
    (home / "secret" / "report.html").write_text(SECRET)
    run_folder(home / "secret" / "run")
    (home / "secret" / "run" / "report.html").write_text(SECRET)
    run = run_folder(home / "shown" / "runs" / "first")
    hostile = run_folder(home / "shown" / "runs" / "links")
    (hostile / "report.html").unlink()
    (hostile / "report.html").symlink_to(home / "secret" / "report.html")
    (run.parent / "linked").symlink_to(home / "secret" / "run")
    return home


@pytest.fixture(scope="module")
def visitor(place):
    with app(place / "shown") as one:
        one.before = one.get("/")
        one.entered = one.enter()
        yield one


def test_nothing_is_answered_without_the_cookie(visitor):
    assert visitor.before.status == 403
    assert "address that beatnaive app prints" in visitor.before.text
    for path in ("/", "/static/app.js", "/report/runs/first", "/events", "/nothing"):
        assert visitor.get(path, Cookie="beatnaive=1").status == 403


def test_the_start_url_becomes_a_strict_cookie_once(visitor):
    assert visitor.entered.status == 303
    assert visitor.entered.headers["location"] == "/"
    _, *attributes = visitor.entered.headers["set-cookie"].split("; ")
    assert set(attributes) == {"Path=/", "HttpOnly", "SameSite=Strict"}
    again = visitor.get(visitor.start, Cookie="")
    assert again.status == 403
    assert "set-cookie" not in again.headers
    assert visitor.get("/").status == 200


def test_pages_run_no_text_as_a_program_and_no_other_site_may_frame_them(visitor):
    page = visitor.get("/")
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self'" in policy
    assert "<script>" not in page.text
    assert "style=" not in page.text
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cross-origin-resource-policy"] == "same-origin"


def test_a_report_is_shown_in_an_origin_of_its_own(visitor):
    page = visitor.get("/runs/runs/first")
    assert '<iframe class="report"' in page.text
    assert "allow-same-origin" not in page.text
    policy = visitor.get("/report/runs/first").headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts;")
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{port}", ""]
)
def test_a_foreign_host_is_refused(visitor, host):
    answer = visitor.get("/", Host=host.format(port=visitor.port))
    assert answer.status in (400, 403)
    assert "post-token" not in answer.text


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_our_own_names_are_answered(visitor, name):
    assert visitor.get("/", Host=f"{name}:{visitor.port}").status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"X_BeatNaive_Token": ""},
        {"X_BeatNaive_Token": "wrong"},
    ],
)
def test_a_post_from_elsewhere_changes_nothing(visitor, headers):
    assert visitor.post("/stop?run=runs/first", **headers).status == 403


def test_a_post_needs_the_cookie_too(visitor):
    assert visitor.post("/stop?run=runs/first", Cookie="").status == 403


def test_other_methods_and_lengths_that_are_not_said_are_refused(visitor):
    assert visitor.ask("PUT", "/").status == 405
    assert visitor.ask("DELETE", "/runs/runs/first").status == 405
    connection = HTTPConnection("127.0.0.1", visitor.port, timeout=20)
    headers = {"Cookie": visitor.cookie, "X-BeatNaive-Token": visitor.post_token, "Transfer-Encoding": "chunked"}
    with suppress(BrokenPipeError):  # it may have answered, and closed, before all is sent
        connection.request("POST", "/stop?run=runs/first", iter([b"a"]), headers, encode_chunked=True)
    assert connection.getresponse().status == 411
    connection.close()


@pytest.mark.parametrize(("path", "most"), [("/upload", UPLOAD), ("/stop", FORM)])
def test_what_is_too_long_is_refused_before_it_is_read(path, most):
    access = Access(host="127.0.0.1", port=8000)
    headers = {
        "host": "127.0.0.1:8000", "cookie": f"{access.cookie}={access.session}", "x-beatnaive-token": access.post,
        "content-length": str(most + 1),
    }  # fmt: skip
    assert access.refusal(Request(method="POST", path=path, headers=headers)).status == 413
    fitting = {**headers, "content-length": str(most)}
    assert access.refusal(Request(method="POST", path=path, headers=fitting)) is None


@pytest.mark.parametrize(
    "path",
    [
        "/report/../secret", "/report/..%2fsecret", "/report/%2e%2e/secret", "/report/%2e%2e%2fsecret",
        "/report/%252e%252e%252fsecret", "/report/runs/../../secret", "/report/runs/first/../../../secret/run",
        "/report//etc", "/report/%2fetc", "/report/runs%5c..%5c..%5csecret", "/report/runs/first%00",
        "/report/runs/links", "/report/runs/linked", "/runs/runs/linked", "/runs/../secret/run", "/plots/runs/first/..",
        "/plots/../secret/run/x.png", "/events/../secret/run", "/compare?run=../secret/run&run=runs/first",
        "/compared?run=runs/linked&run=../secret/run", "/static/../app.py", "/static/..%2fserver.py", "/static/secret",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_folder(visitor, path):
    answer = visitor.get(path)
    assert answer.status in (400, 404), path
    assert SECRET not in answer.text


def test_links_are_not_listed(visitor):
    assert "runs/linked" not in visitor.get("/").text


def test_names_of_folders_are_text_on_every_page(visitor, place):
    name = '<img src=x onerror=alert(1)>"'
    run_folder(place / "shown" / "runs" / name, symbol='"><script>alert(1)</script>')
    try:
        page = visitor.get("/").text
    finally:
        (place / "shown" / "runs" / name).rename(place / "gone")
    assert "onerror" in page
    assert "<img" not in page
    assert "<script>alert" not in page


def test_beyond_loopback_only_the_name_that_was_given_or_an_address_is_ours():
    told = Access(host="192.168.1.5", port=80)
    anywhere = Access(host="0.0.0.0", port=80)
    assert all(one.is_ours(f"{name}:80") for one in (told, anywhere) for name in LOOPBACK)
    assert told.is_ours("192.168.1.5:80")
    assert not told.is_ours("192.168.1.6:80")
    assert anywhere.is_ours("192.168.1.6:80")
    assert anywhere.is_ours("[fe80::1]:80")
    assert not anywhere.is_ours("evil.example:80")
