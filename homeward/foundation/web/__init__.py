"""What people see: page shapes, panels, the work list, components, the header and the gallery."""
