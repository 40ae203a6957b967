"""Configure the portal from the environment; `.env.example` lists every variable.

KLIKON_MODE is `production` unless told otherwise. Production refuses to start when a setting is fit
only for a demonstration.
"""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from superfamilja import logs
from superfamilja.embedded_postgres import server as embedded

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

MODE = env.str("KLIKON_MODE", default="production")
if MODE not in {"production", "demonstration"}:
    raise ImproperlyConfigured("KLIKON_MODE is either 'production' or 'demonstration'.")
PRODUCTION = MODE == "production"
DEMONSTRATION = not PRODUCTION

_DEMONSTRATION_SECRET = "only-for-demonstration-never-for-real-people"  # noqa: S105
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default=_DEMONSTRATION_SECRET)
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if DEMONSTRATION else []
)

# --- database: DATABASE_URL, or the PostgreSQL that comes with the project -----------------
DATABASE_URL = env.str("DATABASE_URL", default="")
USES_EMBEDDED_DATABASE = not DATABASE_URL
EMBEDDED_POSTGRES_DIR = BASE_DIR / "var" / "postgres"

_embedded_allowed = DEMONSTRATION or env.bool("ALLOW_EMBEDDED_DATABASE", default=False)
_refusals = [
    sentence
    for wrong, sentence in [
        (
            len(SECRET_KEY) < 50 or SECRET_KEY == _DEMONSTRATION_SECRET,
            "SECRET_KEY is missing, short, or the demonstration's: set 50 random characters.",
        ),
        (DEBUG, "DEBUG shows people's data to strangers: leave it unset."),
        (
            USES_EMBEDDED_DATABASE and not _embedded_allowed,
            "DATABASE_URL is not set. Point it to your PostgreSQL, or say "
            "ALLOW_EMBEDDED_DATABASE=true if the embedded one is really meant.",
        ),
        (not ALLOWED_HOSTS, "ALLOWED_HOSTS is empty: name the hosts that the portal answers to."),
    ]
    if wrong
]
if PRODUCTION and _refusals:
    raise ImproperlyConfigured(
        "The portal does not start in production mode:\n  - "
        + "\n  - ".join(_refusals)
        + "\nFor a demonstration on this machine run `make run`, or set KLIKON_MODE=demonstration."
    )

_pool_size = env.int("DATABASE_POOL_SIZE", default=0)
DATABASES = {
    "default": {
        **(
            embedded.django_database(EMBEDDED_POSTGRES_DIR)
            if USES_EMBEDDED_DATABASE
            else {**env.db_url_config(DATABASE_URL), "ENGINE": "superfamilja.data.bounded_postgres"}
        ),
        "CONN_MAX_AGE": 0,
        # Check a pooled connection before it is handed out, because its server may have restarted.
        "CONN_HEALTH_CHECKS": True,
    }
}
DATABASES["default"].setdefault("OPTIONS", {})
# The server plans statements of data.database.prepared from their second use on.
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 1
# Report an unanswering server as away, instead of waiting until the network gives up.
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 5)
# Notice within half a minute that the other end of a connection is gone, whoever holds it. The web
# server and the worker have further limits: superfamilja/data/database_bounds.py
for _name, _value in {
    "keepalives": 1,
    "keepalives_idle": 10,  # seconds
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
}.items():
    DATABASES["default"]["OPTIONS"].setdefault(_name, _value)
# Seconds that a request may wait for the database in all; after that the answer is 503.
WEB_DATABASE_SECONDS = env.float("WEB_DATABASE_SECONDS", default=2.0)
if _pool_size:
    # An explicit size, because Django's `True` means four, and thirty-two threads would queue.
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": _pool_size}
# The mark outside of the database; it shows when the database was restored (superfamilja/epoch).
EPOCH_FILE: Path | None = Path(env.str("EPOCH_FILE", default=str(BASE_DIR / "var" / "epoch.json")))
# A standby may take over without a halt only if every commit waits for it (docs/operations.md).
FAILOVER_LOSES_NOTHING = env.bool("FAILOVER_LOSES_NOTHING", default=False)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- the house -----------------------------------------------------------------------------
INSTALLED_APPS = [
    "superfamilja",
    "superfamilja.accounts",
    "superfamilja.audit",
    "superfamilja.messages",
    "superfamilja.customers",
    "superfamilja.epoch",
    "superfamilja.clock",
    "groups",
    "groups.incoming",
    "billing",
    "klikon",
    "klikon.provisioning",
    "klikon.desk",
    "klikon.ivr",
    "klikon.comparison",
    "klikon.crm",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "axes",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "superfamilja.accounts.site.admin_config.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
]
MIDDLEWARE = [
    "superfamilja.data.patience.WebPatience",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "superfamilja.customers.sessions.TwoSessions",
    "superfamilja.web.language.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "superfamilja.web.csrf.SentOnce",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "superfamilja.accounts.sign_in.gate.StaffGate",
    "superfamilja.epoch.middleware.ReadOnlyAfterARestore",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Last, because it answers for the sign-in views when axes has locked a client out.
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "superfamilja.urls"
WSGI_APPLICATION = "superfamilja.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "superfamilja.epoch.context.halted",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
# Our own pack draws every form (ADR 0027); a layout that names an unknown field is an error.
CRISPY_TEMPLATE_PACK = "klikon"
CRISPY_FAIL_SILENTLY = False

# --- people and sign-in --------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "superfamilja.accounts.sign_in.backends.StaffBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
STORE_FIRST_PAGE = "desk"  # of staff with a role in a shop
# Minutes and hours that staff stay signed in: without a click, and at most.
STAFF_IDLE_MINUTES = env.int("STAFF_IDLE_MINUTES", default=15)
STAFF_SESSION_HOURS = env.int("STAFF_SESSION_HOURS", default=10)
# R35: how long a changed account may not decide, how long a request waits for a second
# administrator, and how long an account may not confirm requests of those who opened its way in.
STAFF_HOLD_HOURS = env.int("STAFF_HOLD_HOURS", default=24)
STAFF_REQUEST_DAYS = env.int("STAFF_REQUEST_DAYS", default=7)
STAFF_APART_DAYS = env.int("STAFF_APART_DAYS", default=7)
# Families stay signed in this long without a click, or 30 days when they said that the phone is
# their own.
FAMILY_IDLE_MINUTES = env.int("FAMILY_IDLE_MINUTES", default=30)
# How long the last typed code proves the payer's will when something is loosened (R30).
FAMILY_FRESH_MINUTES = env.int("FAMILY_FRESH_MINUTES", default=10)
# Codes an hour for browsers of one address that never signed in with the number before.
FAMILY_CODES_AN_HOUR = env.int("FAMILY_CODES_AN_HOUR", default=300)
SESSION_COOKIE_AGE = STAFF_SESSION_HOURS * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# How many proxies of ours stand in front: that many last addresses of X-Forwarded-For are trusted.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

ACCOUNT_ADAPTER = "superfamilja.accounts.sign_in.adapter.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# By address only, because a limit by name would let a stranger lock its owner out (see lockout.py).
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip"}
ACCOUNT_FORMS = {
    "login": "superfamilja.accounts.sign_in.forms.SignInForm",
    "change_password": "superfamilja.accounts.sign_in.forms.ChangePasswordForm",
}
MFA_ADAPTER = "superfamilja.accounts.sign_in.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Klik-ON"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "superfamilja.accounts.sign_in.forms.SecondFactorForm",
    "reauthenticate": "superfamilja.accounts.sign_in.forms.CodeAgainForm",
    "activate_totp": "superfamilja.accounts.sign_in.forms.SetUpForm",
}

# Locked out: a name from one address after AXES_FAILURE_LIMIT failures, for AXES_COOLOFF_TIME; a
# name from any address after SLOW_LOCK_FAILURES within SLOW_LOCK_WINDOW.
AXES_HANDLER = "superfamilja.accounts.sign_in.lockout.TwoSpeedHandler"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
SLOW_LOCK_FAILURES = 50
SLOW_LOCK_WINDOW = timedelta(hours=1)
AXES_LOCKOUT_CALLABLE = "superfamilja.accounts.sign_in.lockout.page"
AXES_USERNAME_CALLABLE = "superfamilja.accounts.sign_in.lockout.sealed_username"
AXES_CLIENT_IP_CALLABLE = "superfamilja.accounts.sign_in.lockout.client_address"
AXES_CLIENT_STR_CALLABLE = "superfamilja.accounts.sign_in.lockout.nobody_in_particular"
AXES_SENSITIVE_PARAMETERS = ["login", "username", "password", "code", "csrfmiddlewaretoken", "next"]
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False

# All processes share it, because the limits above count here. It is large enough that nobody can
# push counters out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# A message after an act belongs to one session only, of staff or of a family.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- language and time ---------------------------------------------------------------------
LANGUAGE_CODE = "sq"
LANGUAGES = [("sq", _("Albanian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["superfamilja.formats"]
USE_TZ = True
TIME_ZONE = "Europe/Tirane"
USE_THOUSAND_SEPARATOR = True

# --- what lower rooms ask of the rooms above ------------------------------------------------
NEWEST_SMS_PROVIDER = "superfamilja.messages.outbox.newest"
DATABASE_IN_USE_PROVIDER = "klikon.comparison.books.anything_was_sold"
BILL_TEXT_PROVIDER = "klikon.for_billing.bill_text.sql"
CHARGE_EVIDENCE_PROVIDER = "klikon.for_billing.evidence.of_charge"
CUSTOMER_PROVIDER = "klikon.reading.people.on_file"
CUSTOMER_TASK_PROVIDER = "klikon.customer.task_at_hand.task_of"
NUMBER_IN_DOUBT_PROVIDER = "klikon.leader.contact_proof.changed_hands"
PAYERS_WILL_PROVIDER = "klikon.payer.payers_will.keep"
LETTER_PROVIDER = "klikon.desk.day.letters.write_of_online"
LEADING_MEMBERS_PROVIDER = "klikon.leader.contact_proof.leading_members_sql"
SIGNED_BLANK_PROVIDER = "klikon.desk.papers.blanks.signed_as"
SIGNED_PAPER_PROVIDER = "klikon.desk.papers.signed_papers.signed_paper"
CUSTOMER_REFERENCE_PROVIDER = "klikon.customer.task_at_hand.reference_in"
SMS_TEMPLATE_DIRS = [
    BASE_DIR / "superfamilja" / "accounts" / "sms",
    BASE_DIR / "superfamilja" / "customers" / "sms",
    BASE_DIR / "groups" / "sms",
    BASE_DIR / "billing" / "sms",
    BASE_DIR / "klikon" / "sms",
]

# --- SMS ------------------------------------------------------------------------------------
# The function that hands an SMS over; the one that sends nothing is refused in production.
SMS_TRANSPORT = env.str(
    "SMS_TRANSPORT",
    default="superfamilja.messages.transports.demonstration.send" if DEMONSTRATION else "",
)

# What phones show as the sender: a name of at most 11 letters, a short code or a whole number.
SMS_SENDER = env.str("SMS_SENDER", default="Klik-ON")
# Seconds after which an SMS that may be sent twice is, when nobody answered (ADR 0029).
SMS_AGAIN_AFTER = env.float("SMS_AGAIN_AFTER", default=30)
# By SMPP 3.4 (`manage.py sms_gateway`): the centre, and who we are there.
SMPP_HOST = env.str("SMPP_HOST", default="")
SMPP_PORT = env.int("SMPP_PORT", default=2775)
SMPP_TLS = env.bool("SMPP_TLS", default=False)
SMPP_SYSTEM_ID = env.str("SMPP_SYSTEM_ID", default="")
SMPP_PASSWORD = env.str("SMPP_PASSWORD", default="")
SMPP_SYSTEM_TYPE = env.str("SMPP_SYSTEM_TYPE", default="")
# Type and plan of SMS_SENDER; None: by what it is.
SMPP_SOURCE_TON = env.int("SMPP_SOURCE_TON", default=None)
SMPP_SOURCE_NPI = env.int("SMPP_SOURCE_NPI", default=None)
# Binds of a process, parts of each that are on their way, and parts a second of each (0: no limit).
SMPP_BINDS = env.int("SMPP_BINDS", default=1)
SMPP_WINDOW = env.int("SMPP_WINDOW", default=50)
SMPP_RATE = env.float("SMPP_RATE", default=0)
# Long texts as parts with a head (udh) or whole (payload).
SMPP_LONG_AS = env.str("SMPP_LONG_AS", default="udh")
# Seconds until an answer is given up, between two enquire_links, and at most between two binds.
SMPP_ANSWER_SECONDS = env.float("SMPP_ANSWER_SECONDS", default=20)
SMPP_ENQUIRE_SECONDS = env.float("SMPP_ENQUIRE_SECONDS", default=30)
SMPP_LONGEST_WAIT = env.float("SMPP_LONGEST_WAIT", default=60)
# Our number of each part as user_message_reference; off for centres that refuse it.
SMPP_USER_REFERENCE = env.bool("SMPP_USER_REFERENCE", default=True)
# By HTTP to a Kannel: its sendsms, and our own address as it reaches it, for receipts.
KANNEL_URL = env.str("KANNEL_URL", default="")
KANNEL_USERNAME = env.str("KANNEL_USERNAME", default="")
KANNEL_PASSWORD = env.str("KANNEL_PASSWORD", default="")
KANNEL_RECEIPTS_URL = env.str("KANNEL_RECEIPTS_URL", default="")

# --- the prepaid charging system -------------------------------------------------------------
# `make run` starts a simulator of it there; production has no default (klikon/provisioning).
CHARGING_URL = env.str(
    "CHARGING_URL",
    default=f"http://127.0.0.1:{env.int('PORT', default=8000) + 130}" if DEMONSTRATION else "",
)
CHARGING_DEMONSTRATION_KEY = "whsec_b25seS1mb3ItZGVtb25zdHJhdGlvbg=="
CHARGING_TOKEN = env.str("CHARGING_TOKEN", default="demonstration" if DEMONSTRATION else "")
# The secrets that sign its callbacks; two while one replaces the other.
CHARGING_CALLBACK_KEYS = env.list(
    "CHARGING_CALLBACK_KEYS", default=[CHARGING_DEMONSTRATION_KEY] if DEMONSTRATION else []
)
CHARGING_TIMEOUT = env.float("CHARGING_TIMEOUT", default=8)
# Seconds: until an attempt counts as dead, until the first repetition, between questions after
# silence, until the question after a yes, and between tries of a broken line.
PROVISIONING_LEASE = env.float("PROVISIONING_LEASE", default=30)
PROVISIONING_FIRST_WAIT = env.float("PROVISIONING_FIRST_WAIT", default=2)
PROVISIONING_ASK_AFTER = [
    float(seconds) for seconds in env.list("PROVISIONING_ASK_AFTER", default=[300, 3600, 86400])
]
PROVISIONING_CONFIRM_AFTER = env.float("PROVISIONING_CONFIRM_AFTER", default=300)
PROVISIONING_PROBE_AFTER = env.float("PROVISIONING_PROBE_AFTER", default=15)
# Callbacks a day for unknown orders that are kept; further ones get the answer to come later.
UNKNOWN_CALLBACKS_A_DAY = env.int("UNKNOWN_CALLBACKS_A_DAY", default=1000)

# --- what the CRM tells between two files (klikon/crm) ----------------------------------------
# What it signs its events with: two while they change over. None: every event is refused.
CRM_EVENT_KEYS = env.list(
    "CRM_EVENT_KEYS", default=[CHARGING_DEMONSTRATION_KEY] if DEMONSTRATION else []
)

# --- 130 (klikon/ivr) -------------------------------------------------------------------------
# What was spoken once is kept there; recorded prompts, if there are any, take its place.
IVR_SOUNDS_DIR = Path(env.str("IVR_SOUNDS_DIR", default=str(BASE_DIR / "var" / "sounds")))
IVR_RECORDED_DIR = env.str("IVR_RECORDED_DIR", default="")
# Simultaneous questions to the database.
IVR_THREADS = env.int("IVR_THREADS", default=8)
# How long such a question may wait for a lock, and take in all. It is shorter than a caller waits
# for the apology (klikon/ivr/carrying.py), because a hanging thread is missing to all other calls.
IVR_LOCK_MILLISECONDS = env.int("IVR_LOCK_MILLISECONDS", default=3000)
IVR_STATEMENT_MILLISECONDS = env.int("IVR_STATEMENT_MILLISECONDS", default=5000)
# FastAGI for the carrier's Asterisk: where we listen, which addresses we trust, and the secret.
IVR_FASTAGI_HOST = env.str("IVR_FASTAGI_HOST", default="127.0.0.1")
IVR_FASTAGI_PORT = env.int("IVR_FASTAGI_PORT", default=4573)
IVR_FASTAGI_NETWORKS = env.list("IVR_FASTAGI_NETWORKS", default=["127.0.0.1/32"])
IVR_FASTAGI_SECRET = env.str("IVR_FASTAGI_SECRET", default="")
# Our own SIP line: where it listens, which switches may assert the caller, media ports, number of
# calls.
IVR_SIP_HOST = env.str("IVR_SIP_HOST", default="127.0.0.1")
IVR_SIP_PORT = env.int("IVR_SIP_PORT", default=5060)
IVR_SIP_PEERS = env.list("IVR_SIP_PEERS", default=[])
IVR_SIP_RTP_PORTS = [int(end) for end in env.list("IVR_SIP_RTP_PORTS", default=[40000, 40400])]
IVR_SIP_CALLS = env.int("IVR_SIP_CALLS", default=50)
# Trust the number that a softphone on this machine claims; refused in production
# (klikon/ivr/checks.py).
IVR_SIP_BELIEVES_PHONES_HERE = DEMONSTRATION

# --- logs ----------------------------------------------------------------------------------
LOGGING = logs.configuration(env.str("LOG_LEVEL", default="INFO"))

# --- files ---------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "var" / "static"
# Scans of signed papers (superfamilja/uploads): drawn again, and shown to authorised staff only.
UPLOADS_DIR = Path(env.str("UPLOADS_DIR", default=str(BASE_DIR / "var" / "uploads")))
FILE_UPLOAD_HANDLERS = ["superfamilja.uploads.receiving.InMemoryUpToALimit"]
# Files that come in (groups/incoming): where they are kept; the folder that is watched (unset:
# none); what makes a preview suspicious; above how many contracts a second person agrees (R35).
INCOMING_DIR = Path(env.str("INCOMING_DIR", default=str(BASE_DIR / "var" / "incoming")))
INBOX_DIR: Path | None = Path(env.str("INBOX_DIR")) if env.str("INBOX_DIR", default="") else None
INCOMING_LARGEST_MEGABYTES = env.int("INCOMING_LARGEST_MEGABYTES", default=1024)
INCOMING_LEAVING_PERCENT = env.int("INCOMING_LEAVING_PERCENT", default=5)
INCOMING_OWNERS_A_CONTACT = env.int("INCOMING_OWNERS_A_CONTACT", default=2)
INCOMING_SECOND_PERSON_CONTRACTS = env.int("INCOMING_SECOND_PERSON_CONTRACTS", default=1000)
INCOMING_KEPT_DAYS = env.int("INCOMING_KEPT_DAYS", default=90)
INCOMING_ENGINES = {
    "subscribers": "groups.incoming.subscribers",
    "catalogue": "klikon.catalogue.incoming",
    "promotions": "klikon.catalogue.incoming",
}
# The folder into which issued files go for fixed billing, and the one from which its answers are
# read; unset, people download and upload (billing/month/laying_out.py, billing/answers).
OUTBOX_DIR: Path | None = Path(_outbox) if (_outbox := env.str("OUTBOX_DIR", default="")) else None
ANSWERS_DIR: Path | None = (
    Path(_answers) if (_answers := env.str("ANSWERS_DIR", default="")) else None
)
# Hours between two comparisons of the books; half as long again, and the light is not green.
RECONCILIATION_HOURS = env.int("RECONCILIATION_HOURS", default=24)
# tcp://HOST:PORT or unix:///PATH of a ClamAV daemon; when unset, no virus check takes place.
CLAMAV_URL = env.str("CLAMAV_URL", default="")

# --- security ------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
# Send no referrer to other sites. The value "no-referrer" would not do: browsers then send `Origin:
# null` with our own forms, and the CSRF check refuses them.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
