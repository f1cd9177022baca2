class RecipesController < ApplicationController
  def index
    @recipes = ["Bread", "Soup"]
  end
end
