"""Calls grpc-server.py through the proxy: grpc-client.py NAME PORT [CA]; without a CA in plain."""

import queue
import sys

import grpc

name, port = sys.argv[1:3]
options = [("grpc.default_authority", name), ("grpc.enable_http_proxy", 0)]
if len(sys.argv) > 3:
    with open(sys.argv[3], "rb") as file:
        credentials = grpc.ssl_channel_credentials(root_certificates=file.read())
    options.append(("grpc.ssl_target_name_override", name))
    channel = grpc.secure_channel(f"127.0.0.1:{port}", credentials, options)
else:
    channel = grpc.insecure_channel(f"127.0.0.1:{port}", options)

upper = channel.unary_unary("/demo.Echo/Upper")
reply, call = upper.with_call(b"hello", timeout=30)
print(reply.decode(), dict(call.trailing_metadata())["length"])

try:
    upper(b"fail", timeout=30)
except grpc.RpcError as error:
    print(error.code().name, error.details())

# Each line is sent only when the one before was answered: both directions flow at once.
lines = queue.Queue()
answers = channel.stream_stream("/demo.Echo/Chat")(iter(lines.get, None), timeout=30)
for word in [b"one", b"two", b"three"]:
    lines.put(word)
    print(next(answers).decode())
lines.put(None)
print(len(list(answers)), "more")
