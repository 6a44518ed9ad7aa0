"""A headless Chromium driven over its own debugging protocol, without a driver or a test framework."""

import asyncio
import base64
import itertools
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.request import urlopen

import pytest
import websockets

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
)


def chromium():
    """The browser's path, or a skip that says what is missing."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium installed: apt-get install chromium runs this test")
    return found


class Tab:
    """One page: commands out, events in."""

    def __init__(self, socket):
        self.socket, self.numbers, self.answers, self.events = socket, itertools.count(1), {}, []
        self.reader = asyncio.create_task(self._read())

    async def _read(self):
        async for text in self.socket:
            message = json.loads(text)
            if "id" in message:
                self.answers.pop(message["id"]).set_result(message)
            else:
                self.events.append(message)

    async def do(self, method, **params):
        number = next(self.numbers)
        self.answers[number] = asyncio.get_running_loop().create_future()
        await self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        answer = await asyncio.wait_for(self.answers.get(number, self.answers[number]), 60)
        assert "error" not in answer, answer
        return answer["result"]

    async def value(self, expression):
        """The value of a JavaScript expression; promises are awaited."""
        result = await self.do("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    async def until(self, expression, seconds=40):
        for _ in range(int(seconds * 20)):
            if await self.value(expression):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"never true: {expression}")

    async def screen(self, width, height, *, dark=False, media=""):
        """A window of this size in CSS pixels, light or dark, screen or print."""
        await self.do(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.do("Emulation.setEmulatedMedia", media=media, features=[scheme])

    async def open(self, path):
        await self.do("Page.navigate", url=Path(path).resolve().as_uri())
        await self.until("document.readyState === 'complete'")

    async def ready(self, mode):
        await self.until(f"document.documentElement.dataset.ready === '{mode}'")

    async def picture(self, path):
        """The whole page as PNG."""
        size = (await self.do("Page.getLayoutMetrics"))["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        shot = await self.do("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        Path(path).write_bytes(base64.b64decode(shot["data"]))

    def requests(self):
        """Every address asked for but the page itself and what lies inside it."""
        asked = [e["params"]["request"]["url"] for e in self.events if e["method"] == "Network.requestWillBeSent"]
        return [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]

    def complaints(self):
        """Console errors and warnings, exceptions, and what the browser itself logs."""
        kinds = {"Runtime.exceptionThrown", "Log.entryAdded"}
        found = [e["params"] for e in self.events if e["method"] in kinds]
        calls = [e["params"] for e in self.events if e["method"] == "Runtime.consoleAPICalled"]
        return found + [call for call in calls if call["type"] in {"error", "warning", "assert"}]


def drive(visit):
    """Run `await visit(tab)` in a fresh browser and return its result; the browser is ended afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [chromium(), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return asyncio.run(_visit(Path(profile), visit))
        finally:
            process.terminate()
            process.wait(10)


async def _visit(profile, visit):
    port = await _port(profile / "DevToolsActivePort")
    with urlopen(f"http://127.0.0.1:{port}/json/list") as reply:
        pages = json.load(reply)
    address = next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
    async with websockets.connect(address, max_size=2**27) as socket:
        tab = Tab(socket)
        for domain in ("Page", "Runtime", "Network", "Log"):
            await tab.do(f"{domain}.enable")
        result = await visit(tab)
        tab.reader.cancel()
        return result


async def _port(file):
    for _ in range(400):
        if file.is_file() and (lines := file.read_text().split()):
            return int(lines[0])
        await asyncio.sleep(0.05)
    raise AssertionError("Chromium did not start")
