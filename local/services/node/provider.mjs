// The OpenID provider of the local platform, in place of a company's own. `provider.py` starts it with one file that
// says all: its address, its keys, its clients, and where the people are.
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

import Provider from 'oidc-provider';

import { errorPage, leavePage, leftPage, loginPage } from './pages.mjs';

const SCOPES = 'openid email profile groups';
const HOURS = 60 * 60;
const LONGEST_FORM = 4096;
const told = JSON.parse(readFileSync(process.argv[2], 'utf8'));

// Read each time: whoever changes somebody's groups sees it at the next login.
function people() {
  return JSON.parse(readFileSync(told.people, 'utf8'));
}

function account(name) {
  const person = Object.hasOwn(people(), name) ? people()[name] : undefined;
  if (!person) return undefined;
  return {
    accountId: name,
    claims: () => ({
      sub: name,
      email: person.email,
      email_verified: true,
      name: person.name,
      given_name: person.name.split(' ')[0],
      family_name: person.name.split(' ').slice(1).join(' '),
      groups: person.groups,
    }),
  };
}

const provider = new Provider(told.issuer, {
  clients: told.clients,
  jwks: told.jwks,
  cookies: { keys: told.cookieKeys, long: { secure: true }, short: { secure: true } },
  // Groups and e-mail stand in the ID token, as with most providers, and not in userinfo alone.
  conformIdTokenClaims: false,
  claims: {
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: ['name', 'given_name', 'family_name'],
    groups: ['groups'],
  },
  scopes: SCOPES.split(' '),
  responseTypes: ['code'],
  pkce: { required: (_, client) => client.responseTypeAllowed('code') },
  ttl: {
    AccessToken: 600,
    AuthorizationCode: 60,
    ClientCredentials: 300,
    Grant: 8 * HOURS,
    IdToken: HOURS,
    Interaction: HOURS,
    Session: 8 * HOURS,
  },
  findAccount: (_, name) => account(name),
  features: {
    devInteractions: { enabled: false },
    // For machines: an access token that is a JWT, made for Airflow.
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_, client) => (client.grantTypeAllowed('client_credentials') ? told.audience : undefined),
      getResourceServerInfo: () => ({ scope: '', audience: told.audience, accessTokenFormat: 'jwt' }),
      useGrantedResource: () => true,
    },
    rpInitiatedLogout: { enabled: true, logoutSource: leavePage, postLogoutSuccessSource: leftPage },
  },
  interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
  // Nobody is asked for consent: Airflow is the company's own.
  loadExistingGrant: async (ctx) => {
    const { client, session } = ctx.oidc;
    const known = session.grantIdFor(client.clientId);
    const grant =
      (known && (await provider.Grant.find(known))) ||
      new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope(SCOPES);
    await grant.save();
    return grant;
  },
  renderError: errorPage,
});

provider.use(async (ctx, next) => {
  if (!/^\/login\/[\w-]+$/.test(ctx.path)) return next();
  const details = await provider.interactionDetails(ctx.req, ctx.res).catch(() => undefined);
  if (details?.prompt.name !== 'login') {
    ctx.status = 400;
    return errorPage(ctx, { error: 'This login has ended. Begin again at Airflow.' });
  }
  if (ctx.method !== 'POST') return loginPage(ctx, { people: people() });
  const form = await read(ctx.req);
  const name = form.get('name') ?? '';
  if (!account(name) || !same(form.get('password') ?? '', told.password)) {
    ctx.status = 401;
    return loginPage(ctx, { people: people(), name, refused: true });
  }
  ctx.respond = false;
  await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: name } });
});

async function read(request) {
  let text = '';
  for await (const part of request) {
    text += part;
    if (text.length > LONGEST_FORM) break;
  }
  return new URLSearchParams(text);
}

function same(one, other) {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a, b);
}

provider.on('server_error', (_, error) => console.error(error));
const tls = { cert: readFileSync(told.certificate), key: readFileSync(told.key), minVersion: 'TLSv1.2' };
createServer(tls, provider.callback()).listen(told.port, told.host, () => console.log(`serving ${told.issuer}`));
