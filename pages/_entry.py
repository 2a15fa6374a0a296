"""The one script the server runs: registers every page, asks who is there, draws the frame, runs the page."""

from core.ui import frame, navigation, session, states

frame.configure()
user = session.current_user()
here = navigation.register(user.role if user else None, states.unknown_page)
session.gate(user, here.path)
frame.draw()
here.run()
