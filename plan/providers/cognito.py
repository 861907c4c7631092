"""What Amazon Cognito computes of a user pool and its client."""

from __future__ import annotations

import string
from typing import Any

from plan.asked import Registration
from plan.sentinels import ALPHANUMERIC, Sentinels, stable_text


def special(args: Registration, region: str, sentinels: Sentinels) -> dict[str, Any]:
    """The outputs of a type that programs use, beyond name and ARN. None of these types: empty."""
    match args.typ:
        case "aws:cognito/userPool:UserPool":
            pool = f"{region}_{stable_text(f'pool {args.urn}', 9, ALPHANUMERIC)}"
            return {"id": pool, "endpoint": f"cognito-idp.{region}.amazonaws.com/{pool}"}
        case "aws:cognito/userPoolClient:UserPoolClient":
            client = stable_text(f"client {args.urn}", 26, string.ascii_lowercase + string.digits)
            return {"id": client, "clientSecret": sentinels.password(f"client secret {args.urn}", 51)}
        case "aws:cognito/userPoolDomain:UserPoolDomain":
            return {"id": args.text("domain")}
        case "aws:cognito/userGroup:UserGroup":
            return {"id": f"{args.text('userPoolId')}/{args.text('name')}"}
        case "aws:cognito/managedLoginBranding:ManagedLoginBranding":
            branding = stable_text(f"branding {args.urn}", 32, string.hexdigits.lower()[:16])
            return {"id": f"{args.text('userPoolId')},{branding}", "managedLoginBrandingId": branding}
        case _:
            return {}
