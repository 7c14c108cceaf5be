"""Every address. Each one's view declares its right (``jiesu.org.rights``), or the product does not start."""

from django.urls import include, path

urlpatterns = [
    path("", include("jiesu.desk.urls")),
    path("cases/", include("jiesu.intake.case_urls")),
    path("cases/", include("jiesu.triage.case_urls")),
    path("cases/", include("jiesu.dispatch.urls")),
    path("cases/", include("jiesu.handling.urls")),
    path("cases/", include("jiesu.evidence.urls")),
    path("cases/", include("jiesu.triage.reading_urls")),
    path("cases/", include("jiesu.supervision.case_urls")),
    path("cases/", include("jiesu.followup.case_urls")),
    path("follow-up/", include("jiesu.followup.urls")),
    path("cases/", include("jiesu.assessment.case_urls")),
    path("assessment/", include("jiesu.assessment.urls")),
    path("cases/", include("jiesu.groups.case_urls")),
    path("groups/", include("jiesu.groups.urls")),
    path("cases/", include("jiesu.coordination.case_urls")),
    path("coordination/", include("jiesu.coordination.urls")),
    path("automatic/", include("jiesu.dispatch.automatic_urls")),
    path("supervision/", include("jiesu.supervision.urls")),
    path("duty/", include("jiesu.duty.urls")),
    path("models/", include("jiesu.triage.model_urls")),
    path("intake/", include("jiesu.intake.urls")),
    path("ledger/", include("jiesu.ledger.urls")),
    path("service/", include("jiesu.service.urls")),
]

handler400 = "jiesu.core.errors.bad_request"
handler403 = "jiesu.core.errors.forbidden"
handler404 = "jiesu.core.errors.not_found"
handler500 = "jiesu.core.errors.failed"
