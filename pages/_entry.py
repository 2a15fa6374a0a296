"""The one script the server runs: registers every page, asks who is there, draws the frame, runs the page."""

from core.ui import frame, navigation, session

frame.configure()
user = session.current_user()
here = navigation.register(user.role if user else None)
session.gate(user, here.path)
frame.draw()
here.run()
