"""底座: settings from the environment, the database server, time, announcements, personal-data marks, base page."""
