print("portless")
