"""Proposals as people see them: they come from visits, so whoever may not see the visit may not see the proposal."""
