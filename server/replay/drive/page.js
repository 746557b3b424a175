/**
 * Runs inside the page, beside the unmodified SDK (`mixpanel`): plays one visitor as a customer's web console would.
 * Plain script, so that the same file runs in Chromium and in the small window that stands in where there is none.
 */
(() => {
  /**
   * What a single-page app hands to the SDK: page and time are the visit's. (Moving the tab there for each event,
   * so that the SDK reads `location` itself, gives the same properties and takes Chromium four times as long.)
   */
  const propertiesOf = (visit) => ({
    $current_url: location.origin + visit.path,
    current_page_title: visit.title,
    ...visit.properties,
    time: visit.time,
  });

  /** Has the SDK send what it queued now, rather than in five seconds, until nothing is left. */
  async function flush(instance) {
    for (const batcher of Object.values(instance.request_batchers)) {
      for (let tries = 0; batcher.queue.memQueue.length > 0; tries++) {
        if (tries === 100) throw new Error(`the SDK could not send its queue ${batcher.queue.storageKey}`);
        await batcher.flush();
        if (batcher.queue.memQueue.length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      batcher.stop();
    }
  }

  let played = 0;

  /**
   * target: { apiHost, token }. visitor: see `visitor.ts`. Resolves with the number of events once the vendor has
   * taken everything; rejects when the SDK gave up on anything.
   */
  async function play(target, visitor) {
    const failures = [];
    // The page stays open for both passes, each under a key of its own.
    const name = `${visitor.key}-${played++}`;
    // Where a visitor came from is theirs: this tab has been open long before.
    Object.defineProperty(document, 'referrer', { configurable: true, value: visitor.referrer });
    const instance = mixpanel.init(
      target.token,
      {
        api_host: target.apiHost,
        persistence: 'localStorage',
        persistence_name: name,
        // Long enough that the queue is sent by `flush` alone, and one visitor's events never travel with another's.
        batch_flush_interval_ms: 3_600_000,
        error_reporter: (message) => failures.push(String(message)),
        hooks: {
          before_send_events: (data) => {
            if (data.event === '$identify') data.properties.time = visitor.loginAt;
            return data;
          },
        },
      },
      name,
    );
    // One after the other, as a person clicks: the SDK's queue is behind a lock that polls when it is contended.
    const done = (call) => new Promise(call);
    const track = (visit) => done((next) => instance.track(visit.name, propertiesOf(visit), next));
    instance.register(visitor.place);
    for (const visit of visitor.visits.filter((one) => one.anonymous)) await track(visit);
    instance.identify(visitor.distinctId);
    instance.register(visitor.account);
    await done((next) => instance.set_group('org_id', visitor.organisation, next));
    await done((next) => instance.people.set(visitor.profile, next));
    for (const visit of visitor.visits.filter((one) => !one.anonymous)) await track(visit);
    await flush(instance);
    localStorage.removeItem(`mp_${name}`);
    if (failures.length > 0) throw new Error(`the SDK reported: ${failures.slice(0, 3).join('; ')}`);
    return visitor.visits.length;
  }

  globalThis.playVisitors = async (target, visitors) => {
    let events = 0;
    for (const visitor of visitors) events += await play(target, visitor);
    return events;
  };
})();
