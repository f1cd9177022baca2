# Checks the certificate of the URL given with what Ruby trusts by default.
require "openssl"
require "socket"
require "uri"

url = URI(ARGV[0])
context = OpenSSL::SSL::SSLContext.new
context.set_params(verify_mode: OpenSSL::SSL::VERIFY_PEER)
socket = OpenSSL::SSL::SSLSocket.new(TCPSocket.new("127.0.0.1", url.port), context)
socket.hostname = url.host
socket.connect
socket.post_connection_check(url.host)
print "verified"
