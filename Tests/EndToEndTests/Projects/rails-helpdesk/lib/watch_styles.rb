$stdout.sync = true
puts "watching app/assets/stylesheets"
sleep
