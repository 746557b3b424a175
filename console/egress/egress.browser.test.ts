import { axeFindings, describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('egress', (open) => {
  test('unknown hosts come first, what enforcing would do is said, and a host is allowed from its row', async () => {
    const { page, api, complaints } = await open({ path: '/egress' });
    await page
      .getByRole('heading', { level: 1, name: 'Apps talked to 4 hosts in the last 7 days' })
      .waitFor();
    await page
      .getByText(/In enforce, 2 hosts that 2 apps used in the last 7 days would be refused/)
      .waitFor();
    const table = page.getByRole('table', { name: 'Hosts that apps talk to' });
    await expect
      .poll(() =>
        table
          .getByText(/example$|com$/)
          .first()
          .textContent(),
      )
      .toBe('beacon.quokka-metrics.example');
    expect(await axeFindings(page)).toEqual([]);
    await table.getByRole('button', { name: 'Allow beacon.quokka-metrics.example' }).click();
    await page.getByRole('dialog').getByLabel('Why').fill('Our own metrics');
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/In enforce, 1 host that/).waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      method: 'POST',
      path: '/egress/listed-hosts',
      body: { host: 'beacon.quokka-metrics.example', list: 'allow', reason: 'Our own metrics' },
    });
    expect(complaints).toEqual([]);
  });

  test('the mode is changed with its consequence in sight, based on the version that was seen', async () => {
    const { page, api } = await open({ path: '/egress?act=mode' });
    const sheet = page.getByRole('dialog');
    await sheet.getByText(/In enforce, 2 hosts that 2 apps/).waitFor();
    await sheet.getByRole('radio', { name: /Enforce/ }).check();
    await sheet.getByLabel('Why').fill('The lists are complete');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await sheet.waitFor({ state: 'detached' });
    expect(api.writes.at(-1)).toMatchObject({ method: 'PATCH', body: { basedOn: 3, mode: 'enforce' } });
  });

  test('before the first host it says how an app is pointed at it', async () => {
    const { page } = await open({ path: '/egress', empty: true });
    await page.getByRole('heading', { level: 1, name: 'No app uses the egress proxy yet' }).waitFor();
    await page.getByText(/export HTTPS_PROXY=http:/).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test('a list is edited with what would be different in sight, by keyboard, and saved with a reason', async () => {
    const { page, api, complaints } = await open({ path: '/egress' });
    const rules = page.getByRole('table', { name: 'Rules of the egress proxy' });
    await rules.getByRole('row', { name: /Approved vendors.*github, slack/ }).waitFor();
    await rules.getByRole('row', { name: /Private networks.*nothing/ }).waitFor();
    await rules.getByRole('row', { name: /Severed.*nothing/ }).waitFor();
    await rules.getByRole('button', { name: 'Change: Allowed hosts' }).press('Enter');
    const sheet = page.getByRole('dialog', { name: 'Allowed hosts' });
    await sheet.getByText('Nothing is different from the rules in force.').waitFor();
    expect(await sheet.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await sheet.getByLabel('Allowed hosts', { exact: true }).fill('*.quokka-metrics.example\nOther.example');
    await sheet.getByText('Comes on it: *.quokka-metrics.example, other.example').waitFor();
    const preview = sheet.getByRole('region', { name: 'What would be different' });
    await preview
      .getByText('Of 4 hosts used in the last 7 days, enforce refuses 2 now, and would refuse 1.')
      .waitFor();
    await preview.getByText('It opens more than now.', { exact: false }).waitFor();
    await preview
      .getByRole('table', { name: '1 host would pass' })
      .getByRole('row', { name: /beacon\.quokka-metrics\.example.*Shop, Support.*41/ })
      .waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByLabel('Why').fill('Our own metrics');
    await page.keyboard.press('Enter');
    await rules
      .getByRole('row', { name: /Allowed hosts.*\*\.quokka-metrics\.example, other\.example/ })
      .waitFor();
    expect(api.writes.at(-1)).toMatchObject({
      method: 'PATCH',
      path: '/egress',
      body: {
        basedOn: 3,
        allow: {
          vendors: ['github', 'slack'],
          hosts: ['*.quokka-metrics.example', 'other.example'],
          countries: [],
        },
        reason: 'Our own metrics',
      },
    });
    expect(complaints).toEqual([]);
  });

  test('what shuts waits for nobody, and says which hosts it shuts; a vendor is put on a list by its name', async () => {
    const { page } = await open({ path: '/egress?act=edit&list=deny_vendors' });
    const sheet = page.getByRole('dialog', { name: 'Denied vendors' });
    await sheet.getByLabel('Denied vendors', { exact: true }).fill('github');
    const preview = sheet.getByRole('region', { name: 'What would be different' });
    await preview.getByText('It opens nothing more than now, and waits for nobody.').waitFor();
    await preview
      .getByRole('table', { name: '1 host would be refused' })
      .getByRole('row', { name: /api\.github\.com.*denied/ })
      .waitFor();
    expect(await sheet.getByRole('button', { name: 'Add it' }).isDisabled()).toBe(true);
    await sheet.getByLabel('A vendor by its name').fill('Datadog');
    await sheet.getByRole('button', { name: 'Add it' }).click();
    await sheet.getByText('Comes on it: datadog, github').waitFor();
  });

  test('a line that is wrong is named beside the field, and nothing is sent', async () => {
    const { page, api } = await open({ path: '/egress?act=edit&list=networks' });
    const sheet = page.getByRole('dialog', { name: 'Private networks' });
    await sheet.getByLabel('Private networks', { exact: true }).fill('192.168.0.0/16\n10.1.2.3/8');
    await sheet.getByText('Line 2, 10.1.2.3/8: does not begin at its first address').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.goto(`${api.origin}/egress?act=edit&list=connect_ports`);
    const ports = page.getByRole('dialog', { name: 'Ports for CONNECT' });
    await ports.getByLabel('Ports for CONNECT', { exact: true }).fill('443\nhttps');
    await ports.getByText('Line 2, https: is no port from 1 to 65535').waitFor();
    expect(await ports.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    expect(api.writes.filter(({ method }) => method === 'PATCH')).toEqual([]);
  });

  test('looser rules wait for a second person, and the way to the approvals is there', async () => {
    const { page, api } = await open({ path: '/egress?act=edit&list=networks' });
    const sheet = page.getByRole('dialog', { name: 'Private networks' });
    await sheet.getByLabel('Private networks', { exact: true }).fill('10.20.0.0/16');
    await sheet
      .getByText('Where changes wait for a second person, this one waits.', { exact: false })
      .waitFor();
    await sheet.getByLabel('Why').fill('The build machines');
    api.trouble.set('/egress', {
      status: 409,
      body: {
        title: 'A second person is needed',
        code: 'approval_needed',
        approval: 'approval_1',
        detail: 'It was asked for.',
      },
    });
    await sheet.getByRole('button', { name: 'Save' }).click();
    await sheet.getByRole('status').getByText('It was asked for.', { exact: false }).waitFor();
    expect(await sheet.getByRole('link').last().getAttribute('href')).toContain('/approvals?of=approval_1');
  });

  test('what somebody else changed meanwhile is a conflict, and what was typed stays', async () => {
    const { page, api } = await open({ path: '/egress?act=edit&list=allow_countries' });
    const sheet = page.getByRole('dialog', { name: 'Allowed countries' });
    await sheet.getByLabel('Allowed countries', { exact: true }).fill('de');
    await sheet.getByText('Comes on it: DE').waitFor();
    const other = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ host: 'x.example', list: 'deny', reason: 'Meanwhile' }),
    };
    await fetch(`${api.origin}/api/v1/egress/listed-hosts`, {
      ...other,
      headers: { ...other.headers, cookie: 'drawbridge_session=made-up' },
    });
    await sheet.getByLabel('Why').fill('Our own country');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await sheet.getByText('The rules were changed meanwhile', { exact: false }).first().waitFor();
    expect(await sheet.getByLabel('Allowed countries', { exact: true }).inputValue()).toBe('de');
  });

  test('an app is let in beside others, and the name in the greeting is not looked at any more', async () => {
    const { page, api } = await open({ path: '/egress?act=edit&list=apps' });
    const sheet = page.getByRole('dialog', { name: 'Apps that may use the proxy' });
    expect(await sheet.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await sheet.getByRole('checkbox', { name: 'web-shop' }).check();
    await sheet.getByRole('region', { name: 'What would be different' }).waitFor();
    await sheet.getByLabel('Why').fill('It was moved to the proxy');
    expect(await axeFindings(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Save' }).click();
    await sheet.waitFor({ state: 'detached' });
    expect(api.writes.at(-1)).toMatchObject({
      method: 'PATCH',
      body: { basedOn: 3, apps: ['app_1', 'app_shop', 'app_support'] },
    });
    await page.goto(`${api.origin}/egress?act=edit&list=sni`);
    const sni = page.getByRole('dialog', { name: 'The name in the TLS greeting' });
    await sni.getByRole('radio', { name: /It is not looked at/ }).check();
    await sni.getByRole('region', { name: 'What would be different' }).waitFor();
    await sni.getByLabel('Why').fill('An old client');
    await sni.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /Name in the TLS greeting.*is not looked at/ }).waitFor();
    expect(api.writes.at(-1)).toMatchObject({ body: { basedOn: 4, sni: false } });
  });

  test('rules that can not be read say so', async () => {
    const { page, api } = await open();
    api.trouble.set('/egress', {
      status: 500,
      body: { title: 'Something failed here', code: 'internal', detail: 'Report the request id.' },
    });
    await page.goto(`${api.origin}/egress`);
    await page.getByRole('alert').getByText('Report the request id.').waitFor();
    api.trouble.clear();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('table', { name: 'Rules of the egress proxy' }).waitFor();
  });
});
