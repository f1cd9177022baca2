$stdout.sync = true
puts "worker waits for jobs"
sleep
