"""tmp"""
def register(): pass
