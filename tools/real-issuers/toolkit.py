# django-oauth-toolkit in one file: toolkit.py PORT KEY_FILE AUDIENCE SCOPE. Its database is in the
# current directory.
import json
import sys
import time
import uuid

import django
from django.conf import settings

PORT, KEY_FILE, AUDIENCE, SCOPE = sys.argv[1:5]
with open(KEY_FILE) as file:
    KEY = file.read()

settings.configure(
    DEBUG=False,
    SECRET_KEY='a secret of the tests, which protects nothing at all',
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=['127.0.0.1'],
    USE_TZ=True,
    DEFAULT_AUTO_FIELD='django.db.models.AutoField',
    DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'toolkit.sqlite3'}},
    INSTALLED_APPS=['django.contrib.auth', 'django.contrib.contenttypes', 'django.contrib.sessions', 'oauth2_provider'],
    MIDDLEWARE=['django.middleware.common.CommonMiddleware', 'django.contrib.sessions.middleware.SessionMiddleware', 'django.contrib.auth.middleware.AuthenticationMiddleware'],
    OAUTH2_PROVIDER={
        'OIDC_ENABLED': True,
        'OIDC_RSA_PRIVATE_KEY': KEY,
        'SCOPES': {'openid': 'OpenID Connect', SCOPE: SCOPE, 'introspection': 'asks about tokens'},
        'ACCESS_TOKEN_GENERATOR': f'{__name__}.generate',
    },
)
django.setup()

from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import run
from django.urls import include, path
from jwcrypto import jwk, jwt
from oauth2_provider.models import Application
from oauthlib.oauth2.rfc6749.tokens import random_token_generator

urlpatterns = [path('o/', include('oauth2_provider.urls', namespace='oauth2_provider'))]


def generate(request, refresh_token=False):
    """JWTs for one client (RFC 9068). The toolkit by itself knows opaque tokens alone."""
    if request.client.client_id != 'jwt':
        return random_token_generator(request, refresh_token)
    key = jwk.JWK.from_pem(KEY.encode())
    now = int(time.time())
    claims = {
        'iss': f'http://127.0.0.1:{PORT}/o',
        'aud': AUDIENCE,
        'sub': request.client.client_id,
        'client_id': request.client.client_id,
        'scope': ' '.join(request.scopes),
        'iat': now,
        'exp': now + 3600,
        'jti': str(uuid.uuid4()),
    }
    header = {'typ': 'at+jwt', 'alg': 'RS256', 'kid': key.thumbprint()}
    token = jwt.JWT(header=json.dumps(header), claims=json.dumps(claims))
    token.make_signed_token(key)
    return token.serialize()


if __name__ == '__main__':
    call_command('migrate', verbosity=0)
    user = User.objects.create(username='alice')
    for client in ('jwt', 'opaque'):
        Application.objects.create(
            client_id=client,
            client_secret=f'{client}-secret',
            client_type='confidential',
            authorization_grant_type='client-credentials',
            algorithm='RS256',
            user=user,
        )
    run('127.0.0.1', int(PORT), WSGIHandler(), threading=True)
