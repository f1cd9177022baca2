Rails.application.routes.draw do
  root "tickets#index"
end
