"""履约: what proves the service: the trail's pages for the auditor, the inspector's room, approvals."""
