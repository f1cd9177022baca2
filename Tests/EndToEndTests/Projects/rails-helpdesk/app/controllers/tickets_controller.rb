class TicketsController < ApplicationController
  def index
    render html: "<h1>Helpdesk</h1><p>2 tickets at #{request.host}</p>".html_safe
  end
end
