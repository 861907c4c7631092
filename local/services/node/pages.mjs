// What people see of the provider. No page needs a script but the one that ends a session.
const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 24rem; margin: 12vh auto; padding: 0 1rem; color: #1f2937 }
  h1 { font-size: 1.5rem } label { display: block; margin: 0 0 1rem }
  input { display: block; box-sizing: border-box; width: 100%; padding: .5rem; font: inherit }
  button { padding: .5rem 1rem; font: inherit; color: #fff; background: #017cee; border: 0; border-radius: 4px }
  .refused { color: #b91c1c } table { width: 100%; margin: 2rem 0; font-size: .85rem; color: #4b5563 }
  td { padding: .1rem .5rem .1rem 0 }
`;

function text(value) {
  return String(value).replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
}

function page(ctx, title, body) {
  ctx.type = 'html';
  ctx.set('Cache-Control', 'no-store');
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('X-Frame-Options', 'DENY');
  ctx.body = `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${text(title)}</title>
<style>${STYLE}</style></head><body><main><h1>${text(title)}</h1>${body}</main></body></html>`;
}

export function loginPage(ctx, { people, name = '', refused = false }) {
  const rows = Object.entries(people).map(
    ([each, { groups }]) => `<tr><td>${text(each)}</td><td>${text(groups.join(', ') || 'no group')}</td></tr>`,
  );
  const told = refused ? '<p class="refused">Unknown name, or wrong password.</p>' : '';
  page(
    ctx,
    'Your company',
    `${told}<form method="post">
<label>Name<input name="name" value="${text(name)}" autocomplete="username" required autofocus></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required></label>
<button type="submit">Log in</button></form>
<table>${rows.join('')}</table>`,
  );
}

// The form has a value that only this session knows, so no other site ends it.
export function leavePage(ctx, form) {
  page(
    ctx,
    'Logging out',
    `${form}<input type="hidden" form="op.logoutForm" name="logout" value="yes">
<noscript><button type="submit" form="op.logoutForm">Log out</button></noscript>
<script>document.getElementById('op.logoutForm').submit()</script>`,
  );
}

export function leftPage(ctx) {
  page(ctx, 'You are logged out', '');
}

export function errorPage(ctx, out) {
  page(ctx, 'This cannot be done', Object.values(out).map((each) => `<p>${text(each)}</p>`).join(''));
}
