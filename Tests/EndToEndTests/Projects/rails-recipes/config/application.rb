require_relative "boot"

require "rails"
require "action_controller/railtie"
require "action_view/railtie"

module Recipes
  class Application < Rails::Application
    config.load_defaults 6.1
    config.secret_key_base = "development"
  end
end
