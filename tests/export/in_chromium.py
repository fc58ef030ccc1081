"""Asks the JavaScript harness in Chromium, not in Node: questions on standard input, answers on standard output.

    python in_chromium.py /usr/bin/chromium < questions

Modules cannot be loaded from files, so that the browser is handed those of this folder as if a server had them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Route, sync_playwright

HOST = "http://harness.invalid/"
PAGE = '<!doctype html><title>harness</title><script type="module" src="harness.mjs"></script>'


def serve(route: Route) -> None:
    name = route.request.url.removeprefix(HOST)
    if not name:
        route.fulfill(body=PAGE, content_type="text/html")
    elif Path(name).is_file():
        route.fulfill(body=Path(name).read_text(encoding="utf-8"), content_type="text/javascript; charset=utf-8")
    else:
        route.fulfill(status=204)


def main() -> None:
    questions = sys.stdin.read().strip().split("\n")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=sys.argv[1], args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.route("**/*", serve)
        page.goto(HOST)
        page.wait_for_function("globalThis.answer !== undefined")
        sys.stdout.write("\n".join(page.evaluate("(lines) => lines.map(answer)", questions)) + "\n")
        browser.close()


if __name__ == "__main__":
    main()
