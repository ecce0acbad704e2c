"""What the application of `answering` is asked for."""

FORM = "application/x-www-form-urlencoded"
PART = 'content-disposition: form-data; name="file"; filename="ü.txt"\r\ncontent-type: text/plain'
UPLOAD = f"--edge\r\n{PART}\r\n\r\nof a file\r\n--edge--\r\n".encode()

#: Method, path with query, headers, chunks of the body.
REQUESTS: list[tuple[str, str, dict[str, str], list[bytes]]] = [
    *(
        ("GET", path, {}, [])
        for path in (
            *("/text", "/json", "/html", "/redirect", "/cookies", "/session", "/state"),
            *("/status/200", "/status/204", "/status/304", "/status/500", "/status/wrong"),
            *(f"/raise/{what}" for what in ("404", "401", "refusal", "value", "runtime", "group")),
            *("/urls/one?q=1&q=2", "/urls/%C3%BC", "/urls/one/", "//text", "/nowhere", "/"),
            *("/stream/sync", "/stream/async", "/stream/broken", "/stream/events"),
            *("/file", "/background", "/openapi.json", "/docs"),
            *("/static/answering.py", "/static/nowhere", "/static/../conftest.py", "/static"),
            *("/mounted/endpoint/1", "/mounted/deeper/t1/7/", "/mounted/deeper/t1/7"),
            *("/mounted/inner/k", "/mounted/nowhere", "/mounted", "/mounted/"),
            *("/contexts/thread", "/contexts/loop", "/contexts/groups"),
            *("/metrics/", "/healthz/", "/metricsx"),
        )
    ),
    ("HEAD", "/json", {}, []),
    ("HEAD", "/file", {}, []),
    ("HEAD", "/text", {}, []),
    ("POST", "/json", {}, []),
    ("DELETE", "/text", {}, []),
    ("BREW", "/text", {}, []),
    ("OPTIONS", "/text", {}, []),
    ("GET", "/html", {"accept-encoding": "gzip"}, []),
    ("GET", "/stream/async", {"accept-encoding": "gzip"}, []),
    ("GET", "/file", {"range": "bytes=0-9"}, []),
    ("GET", "/file", {"range": "bytes=0-9, 20-29"}, []),
    ("GET", "/file", {"range": "bytes=-5"}, []),
    ("GET", "/file", {"range": "bytes=99999999-"}, []),
    ("GET", "/file", {"if-range": "another", "range": "bytes=0-9"}, []),
    ("GET", "/static/answering.py", {"if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"}, []),
    ("GET", "/cookies", {"cookie": "one=eins"}, []),
    ("GET", "/session", {"cookie": "session=wrong"}, []),
    ("GET", "/text", {"origin": "https://one.example"}, []),
    ("GET", "/text", {"origin": "https://two.example"}, []),
    (
        *("OPTIONS", "/text"),
        {"origin": "https://one.example", "access-control-request-method": "GET"},
        [],
    ),
    ("GET", "/text", {"host": "elsewhere.test"}, []),
    ("GET", "/endpoint/5", {"host": "api.kyros.example"}, []),
    ("GET", "/nowhere", {"host": "api.kyros.example"}, []),
    ("POST", "/given/body", {}, [b"one", b"", b"two"]),
    ("POST", "/given/item?count=2", {"content-type": "application/json"}, [b'{"name":', b' "n"}']),
    ("POST", "/given/item?count=x", {"content-type": "application/json"}, [b'{"price": "high"}']),
    ("POST", "/given/item", {"content-type": "application/json"}, [b"{not json"]),
    ("POST", "/given/form", {"content-type": FORM}, [b"name=J%C3%BCrgen"]),
    ("POST", "/given/form", {"content-type": FORM}, [b"other=1"]),
    ("POST", "/given/upload", {"content-type": "multipart/form-data; boundary=edge"}, [UPLOAD]),
    ("POST", "/given/upload", {"content-type": "multipart/form-data; boundary=no"}, [UPLOAD]),
]
