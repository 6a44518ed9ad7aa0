"""An RFC 3161 time-stamp authority of one's own: `openssl ts` behind a server on the loopback."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[stamping]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[req]
distinguished_name = name
[name]
"""


class Authority:
    """Keys, certificates and answers."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed: the authority of these tests")
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.root, self.answer = folder, folder / "root.pem", None
        self.config = folder / "openssl.cnf"
        self.config.write_text(CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        key = ("-newkey", "rsa:2048", "-nodes", "-config", self.config)
        self.openssl("req", "-x509", *key, "-keyout", folder / "root.key", "-out", self.root, "-days", "30",
                     "-subj", "/CN=Root of a test", "-extensions", "root")  # fmt: skip
        self.openssl("req", *key, "-keyout", folder / "tsa.key", "-out", folder / "tsa.csr", "-subj", "/CN=Stamps")
        self.openssl("x509", "-req", "-in", folder / "tsa.csr", "-CA", self.root, "-CAkey", folder / "root.key",
                     "-CAcreateserial", "-out", folder / "tsa.pem", "-days", "30", "-extfile", self.config,
                     "-extensions", "stamping")  # fmt: skip

    @staticmethod
    def openssl(*words: object) -> bytes:
        return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True).stdout

    def stamp(self, query: bytes) -> bytes:
        if self.answer is not None:
            return self.answer
        asked, given = self.folder / "query.tsq", self.folder / "answer.tsr"
        asked.write_bytes(query)
        self.openssl("ts", "-reply", "-config", self.config, "-section", "here", "-queryfile", asked, "-out", given)
        return given.read_bytes()


@contextmanager
def served(authority: Authority) -> Iterator[str]:
    """The authority's address while it answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = authority.stamp(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/tsr"
    server.shutdown()
    server.server_close()
    thread.join()
