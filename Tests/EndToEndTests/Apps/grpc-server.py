"""A gRPC server without generated code: one unary and one bidirectional method on bytes."""

import os
from concurrent import futures

import grpc


def upper(request, context):
    if request == b"fail":
        context.abort(grpc.StatusCode.NOT_FOUND, "no such thing")
    context.set_trailing_metadata((("length", str(len(request))),))
    return request.upper()


def chat(requests, context):
    for request in requests:
        yield b"you said " + request


server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
server.add_generic_rpc_handlers((
    grpc.method_handlers_generic_handler("demo.Echo", {
        "Upper": grpc.unary_unary_rpc_method_handler(upper),
        "Chat": grpc.stream_stream_rpc_method_handler(chat),
    }),
))
server.add_insecure_port(f"127.0.0.1:{os.environ['PORT']}")
server.start()
print("listening", flush=True)
server.wait_for_termination()
