"""What builds, runs and checks Homeward from the outside; nothing in the application depends on it,
except that the settings ask `tools.devdb.describe()` where the database of this checkout lives."""
