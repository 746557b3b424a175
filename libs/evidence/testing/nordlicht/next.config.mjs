const csp = `
  default-src 'self' https://*.posthog.com https://eu.i.posthog.com;
  connect-src 'self'
    https://browser-intake-datadoghq.eu
    https://chat.uk.plain.com ${process.env.EXTRA ?? ''};
  font-src 'self';
  report-uri https://o4507.ingest.de.sentry.io/api/4507/security/?sentry_key=00000000000000000000000000000000;
`;

export default {
  async headers() {
    return [
      { source: '/:path*', headers: [{ key: 'Content-Security-Policy', value: csp.replace(/\n/g, '') }] },
    ];
  },
};
