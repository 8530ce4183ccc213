"""Users, an organisation and tokens of the loopback Hub, with their permissions."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.hub.loopback.errors import RefusalError


@dataclass(frozen=True)
class Token:
    user: str
    role: str  # "write" or "read"


@dataclass
class Accounts:
    """Alice is in the organisation ``org``, Bob is not.

    :param tokens: the secret -> its user and permissions.
    :param members: organisation -> its members.
    """

    tokens: dict[str, Token] = field(
        default_factory=lambda: {
            "hf_alice": Token("alice", "write"),
            "hf_alice_read": Token("alice", "read"),
            "hf_bob": Token("bob", "write"),
        }
    )
    members: dict[str, set[str]] = field(default_factory=lambda: {"org": {"alice"}})

    def namespaces(self) -> set[str]:
        return {token.user for token in self.tokens.values()} | set(self.members)

    def of_header(self, authorization: str | None) -> Token | None:
        """Return the token of a request, or None without one.

        :raises RefusalError: if it is unknown.
        """
        if not authorization:
            return None
        token = self.tokens.get(authorization.removeprefix("Bearer ").strip())
        if token is None:
            raise RefusalError(401, "Invalid credentials in Authorization header")
        return token

    def owns(self, token: Token | None, namespace: str) -> bool:
        return token is not None and (
            token.user == namespace or token.user in self.members.get(namespace, ())
        )

    def check_write(self, token: Token | None, namespace: str, doing: str) -> Token:
        """:raises RefusalError: unless the token may write there."""
        if token is None:
            raise RefusalError(401, "Invalid username or password.")
        if namespace not in self.namespaces():
            raise RefusalError(404, f'Namespace "{namespace}" does not exist')
        if not self.owns(token, namespace):
            raise RefusalError(
                403, f'You don\'t have the rights to {doing} under the namespace "{namespace}"'
            )
        if token.role != "write":
            raise RefusalError(403, "Forbidden: you must use a write token to upload to a repository.")
        return token

    def whoami(self, token: Token | None) -> dict[str, object]:
        if token is None:
            raise RefusalError(401, "Invalid username or password.")
        orgs = [
            {"name": name, "type": "org", "roleInOrg": "write"}
            for name, members in self.members.items()
            if token.user in members
        ]
        return {
            "type": "user",
            "id": token.user,
            "name": token.user,
            "fullname": token.user.title(),
            "email": f"{token.user}@example.org",
            "orgs": orgs,
            "auth": {
                "type": "access_token",
                "accessToken": {
                    "displayName": f"{token.user}-{token.role}",
                    "role": token.role,
                    "createdAt": "2026-11-01T00:00:00.000Z",
                },
            },
        }
