"""组织: 科室 and 社区, members and their roles."""
