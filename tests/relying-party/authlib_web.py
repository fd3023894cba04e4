"""A web application's back end by Authlib: it finds the provider, asks for a sign-in with PKCE and a nonce, proves who it
is by private_key_jwt everywhere, validates the ID Token as Authlib's own integrations do, asks for claims, refreshes,
asks what a token permits, gives it up, and speaks for itself.

Reads lines of JSON from stdin and writes lines of JSON to stdout; any failure ends it with status 1 and a traceback.
  in   issuer, clientId, key (a private JWK), redirectUri, scope
  out  authorize: the address of the authorization request
  in   returned: where the browser was sent back to
  out  claims (of the ID Token), header (of the same), token, userinfo, refreshed (a token response), refusedAgain (what
       a copy of the code leads to), introspected, revoked (the same after it was given up), service (a token response)
"""

import json
import sys

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from joserfc.jws import JWSRegistry


def read():
    return json.loads(sys.stdin.readline())


def write(value):
    print(json.dumps(value), flush=True)


def validated(metadata, token, nonce, client_id):
    """Returns header and claims of an ID Token; raises what is wrong with it."""
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=20).json())
    registry = JWSRegistry(
        algorithms=metadata["id_token_signing_alg_values_supported"], strict_check_header=False
    )
    decoded = jwt.decode(token["id_token"], key=keys, registry=registry)
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        {"iss": {"essential": True, "value": metadata["issuer"]}},
        {"nonce": nonce, "client_id": client_id, "access_token": token["access_token"]},
    )
    claims.validate(leeway=5)
    return decoded.header, dict(claims)


given = read()
metadata = requests.get(given["issuer"] + "/.well-known/openid-configuration", timeout=20).json()
# Authlib wants https everywhere; this provider is on the loopback interface.
OpenIDProviderMetadata(json.loads(json.dumps(metadata).replace('"http://', '"https://'))).validate()
assert metadata["issuer"] == given["issuer"], metadata["issuer"]

session = OAuth2Session(
    given["clientId"],
    ECKey.import_key(given["key"]),
    token_endpoint=metadata["token_endpoint"],
    token_endpoint_auth_method="private_key_jwt",
    revocation_endpoint_auth_method="private_key_jwt",
    scope=given["scope"],
    redirect_uri=given["redirectUri"],
    code_challenge_method="S256",
)
# The audience of an assertion is the token endpoint, also where it is shown to a neighbour of that (RFC 7523 section 3).
session.register_client_auth_method(PrivateKeyJWT(metadata["token_endpoint"], alg="ES256"))

verifier, nonce = generate_token(48), generate_token()
address, state = session.create_authorization_url(
    metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
)
write({"authorize": address})
returned = read()["returned"]
token = session.fetch_token(authorization_response=returned, state=state, code_verifier=verifier)
header, claims = validated(metadata, token, nonce, given["clientId"])
userinfo = session.get(metadata["userinfo_endpoint"])
userinfo.raise_for_status()

first = dict(token)
refreshed = dict(session.refresh_token(refresh_token=first["refresh_token"]))
introspection = metadata["introspection_endpoint"]
introspected = session.introspect_token(introspection, token=refreshed["access_token"]).json()
session.revoke_token(metadata["revocation_endpoint"], token=refreshed["access_token"]).raise_for_status()
revoked = session.introspect_token(introspection, token=refreshed["access_token"]).json()

try:
    session.fetch_token(authorization_response=returned, state=state, code_verifier=verifier)
    refused_again = None
except OAuthError as error:
    refused_again = error.error

machine = OAuth2Session(
    given["clientId"],
    ECKey.import_key(given["key"]),
    token_endpoint=metadata["token_endpoint"],
    token_endpoint_auth_method=PrivateKeyJWT(metadata["token_endpoint"], alg="ES256"),
)
service = dict(machine.fetch_token(grant_type="client_credentials"))

write({
    "header": header,
    "claims": claims,
    "token": first,
    "userinfo": userinfo.json(),
    "refreshed": refreshed,
    "introspected": introspected,
    "revoked": revoked,
    "refusedAgain": refused_again,
    "service": service,
})
