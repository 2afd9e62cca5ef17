#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Serve the files of a directory over HTTP, with ranges: range_server.py DIRECTORY. Prints the port."""
import http.server
import os
import re
import sys
import urllib.parse


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = urllib.parse.unquote_to_bytes(self.path).lstrip(b"/")
        try:
            with open(os.path.join(os.fsencode(sys.argv[1]), name), "rb") as file:
                content = file.read()
        except OSError:
            self.send_error(404)
            return
        asked = self.headers.get("Range")
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", asked) if asked else None
        print(name, asked, file=sys.stderr, flush=True)
        first = int(found[1]) if found else 0
        last = min(int(found[2]), len(content) - 1) if found and found[2] else len(content) - 1
        if found and first > last:
            self.send_error(416)
            return
        self.send_response(206 if found else 200)
        if found:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        self.wfile.write(content[first:last + 1])

    def log_message(self, *_):
        pass


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
