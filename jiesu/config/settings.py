"""Django's settings. What an operator may set is in ``jiesu.core.environment``."""

from pathlib import Path

from jiesu.core import environment, logs, postgres

HOUSE = Path(__file__).resolve().parent.parent

DEBUG = False
SECRET_KEY = environment.secret_key()
ALLOWED_HOSTS = environment.hosts()
ROOT_URLCONF = "jiesu.config.urls"
WSGI_APPLICATION = "jiesu.config.wsgi.application"
DATABASES = {"default": postgres.settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django_htmx",
    "procrastinate.contrib.django",
    # the house, in its one order: an earlier one never uses a later one
    "jiesu.core",
    "jiesu.trail",
    "jiesu.org",
    "jiesu.catalogue",
    "jiesu.cases",
    "jiesu.evidence",
    "jiesu.intake",
    "jiesu.triage",
    "jiesu.dispatch",
    "jiesu.handling",
    "jiesu.duty",
    "jiesu.supervision",
    "jiesu.groups",
    "jiesu.coordination",
    "jiesu.followup",
    "jiesu.assessment",
    "jiesu.ledger",
    "jiesu.service",
    "jiesu.desk",
]

MIDDLEWARE = [
    "jiesu.core.middleware.Numbered",
    "jiesu.core.middleware.Readable",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "jiesu.trail.whereabouts.FromWhere",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "jiesu.trail.refusals.Refusals",
    "jiesu.desk.limits.Limits",
    "jiesu.org.sittings.Activity",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jiesu.core.responses.demo",
                "jiesu.desk.context.shell",
            ],
        },
    }
]

AUTH_USER_MODEL = "org.Member"
AUTHENTICATION_BACKENDS = ["jiesu.org.backends.Members"]
LOGIN_URL = "desk:login"
LOGIN_REDIRECT_URL = "desk:home"
LOGOUT_REDIRECT_URL = "desk:login"
# Argon2id, 100 MiB, 2 passes, 8 lanes: above OWASP's least (19 MiB, 2 passes)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "jiesu.org.passwords.ByRules"}]

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

DEMO = environment.switch("JIESU_DEMO")
HTTPS = environment.switch("JIESU_HTTPS")
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# whether a request came by HTTPS is the declared proxy's word, taken by uvicorn (command/serving.py)
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"

STATIC_URL = "/static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATIC_ROOT = environment.data() / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = environment.files()
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = environment.files()
TRAIL_DAYS = environment.trail_days()
UPLOAD_LIMIT_MB = environment.number("JIESU_UPLOAD_MB", 200)
RATES = min(max(environment.number("JIESU_RATES", 1), 1), 1000)

SESSION_ENGINE = "jiesu.org.sittings"
SESSION_COOKIE_AGE = 24 * 3600  # the most; when it is over stands with the session
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_SAVE_EVERY_REQUEST = False
CSRF_COOKIE_HTTPONLY = True  # scripts take the token from the page
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "jiesu.core.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = logs.settings(environment.log_kind())

PROCRASTINATE_IMPORT_PATHS = ["jiesu.desk.jobs"]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "no_other_jobs"  # one list: jiesu.desk.jobs
