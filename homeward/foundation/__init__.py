"""What every room of the house stands on: errors, audit, institutions, access, jobs and pages."""
