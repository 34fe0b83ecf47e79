"""The text model: is this transcript a scam script?"""
