import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';
import { fakeWorkload } from '../testing/fake-trust.ts';

const issuer = 'https://token.actions.githubusercontent.com';

describeInBrowser('workloads of an app', (open) => {
  test('a repository is let in, and its lines come with everything filled in', async () => {
    const { page, api } = await open();
    api.trust.workloads = [];
    await page.goto(`${api.origin}/apps/app_1`);
    const section = page.getByRole('region', { name: 'Workloads that need no kept key' });
    await section.getByText('No workload is let in.').waitFor();
    await section.getByRole('button', { name: 'Let a workload in' }).click();
    const form = page.getByRole('dialog', { name: /Let a workload of web-shop in/ });
    await form.getByLabel('Name').fill('Deploys');
    await form.getByLabel('Subject').fill('repo:example-org/shop:ref:refs/heads/main');
    await form.getByLabel('Why').fill('No key in CI');
    await form.getByRole('button', { name: 'Let it in' }).click();
    await form.getByText('Choose at least one connection.').waitFor();
    await form.getByRole('checkbox', { name: 'OpenAI API' }).check();
    expect(await axeFindings(page)).toEqual([]);
    await form.getByRole('button', { name: 'Let it in' }).click();

    const lines = page.getByRole('dialog', { name: 'Lines to use Deploys' });
    await lines.getByText('id-token: write').waitFor();
    await lines.getByText(`&audience=${encodeURIComponent(api.origin)}`).waitFor();
    await lines.getByText("'workload_1'").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(api.writes.at(-1)).toMatchObject({
      path: '/apps/app_1/workloads',
      body: {
        name: 'Deploys',
        issuer,
        subject: 'repo:example-org/shop:ref:refs/heads/main',
        audience: api.origin,
        connections: ['openai'],
        minutes: 15,
        reason: 'No key in CI',
      },
    });
    await lines.getByRole('button', { name: 'Close' }).last().click();
    await section.getByRole('article', { name: 'Deploys' }).getByText('0 times').waitFor();
  });

  test('a service account brings its cluster’s keys, and gets lines for its pod', async () => {
    const { page, api } = await open({ path: '/apps/app_1?act=workload' });
    const form = page.getByRole('dialog', { name: /Let a workload of/ });
    await form.getByRole('radio', { name: /Kubernetes/ }).check();
    await form.getByLabel('Name').fill('Payments');
    await form.getByLabel('Issuer', { exact: true }).fill('https://kubernetes.default.svc');
    await form.getByLabel('Subject').fill('system:serviceaccount:payments:api');
    await form.getByRole('checkbox', { name: 'OpenAI API' }).check();
    await form.getByLabel(/public keys/).fill('{"keys": [');
    await form.getByLabel('Why').fill('No key in the image');
    await form.getByRole('button', { name: 'Let it in' }).click();
    await form.getByText('This is no JSON.').waitFor();
    await form.getByLabel(/public keys/).fill('{"keys": [{"kty": "RSA"}]}');
    await form.getByRole('button', { name: 'Let it in' }).click();
    const lines = page.getByRole('dialog', { name: 'Lines to use Payments' });
    await lines.getByText('serviceAccountToken').waitFor();
    await lines.getByText('cat /var/run/secrets/drawbridge/token').waitFor();
    expect(api.writes.at(-1)?.body).toMatchObject({ jwks: { keys: [{ kty: 'RSA' }] } });
  });

  test('what was refused last is told, and ending one says what fails then', async () => {
    const { page, api } = await open();
    api.trust.workloads = [
      fakeWorkload({
        lastRefusedAt: new Date().toISOString(),
        lastRefusedWhy: 'The token is for another audience.',
      }),
    ];
    await page.goto(`${api.origin}/apps/app_1`);
    const one = page.getByRole('article', { name: 'Deploys of the shop' });
    await one.getByText('The token is for another audience.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await one.getByRole('button', { name: 'End it: Deploys of the shop' }).click();
    const sheet = page.getByRole('dialog', { name: 'End Deploys of the shop' });
    await sheet.getByText(/It was exchanged 1,204 times so far/).waitFor();
    await sheet.getByLabel('Why').fill('The repository is gone');
    await sheet.getByRole('button', { name: 'End it' }).click();
    await page.getByText('No workload is let in.').waitFor();
  });

  test('a developer lets workloads of an own app in, and of no other', async () => {
    const { page, api } = await open();
    api.people.roles = ['developer'];
    await page.goto(`${api.origin}/apps/app_1?act=workload`);
    await page.getByRole('article', { name: 'Deploys of the shop' }).waitFor();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await expect.poll(() => page.getByRole('button', { name: /Let a workload in|^End / }).count()).toBe(0);
    for (const app of api.world.apps) if (app.id === 'app_1') app.owner = 'Ada@example.org';
    await page.reload();
    const form = page.getByRole('dialog', { name: /Let a workload of web-shop in/ });
    await form.getByRole('radio', { name: /Elsewhere/ }).check();
    await expect.poll(() => form.getByLabel(/private network/).count()).toBe(0);
  });
});
