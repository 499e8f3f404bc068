import { describe, expect, it } from '@jest/globals';
import { proxySettings } from './proxy-environment.js';

describe('the proxy of the environment', () => {
  it('is none where nothing is said, or an empty text', () => {
    expect(proxySettings({ HTTPS_PROXY: '' })).toEqual({ environment: { no_proxy: expect.any(String) }, exceptions: [] });
  });

  it('is read in small letters before capitals', () => {
    const { environment, https } = proxySettings({
      HTTPS_PROXY: 'http://large:1',
      https_proxy: 'http://small:2',
      HTTP_PROXY: 'http://h:3',
    });
    expect(environment).toMatchObject({ https_proxy: 'http://small:2/', http_proxy: 'http://h:3/' });
    expect(https).toBe('http://small:2');
  });

  it('takes an address without a scheme for one of http', () => {
    expect(proxySettings({ HTTPS_PROXY: 'proxy.example:3128' }).https).toBe('http://proxy.example:3128');
  });

  it('never asks for this machine through it', () => {
    const { environment, exceptions } = proxySettings({ NO_PROXY: '.internal.example, 10.0.0.7' });
    expect(environment['no_proxy']).toBe('.internal.example,10.0.0.7,localhost,127.0.0.0-127.255.255.255,::1,[::1]');
    expect(exceptions).toEqual(['.internal.example', '10.0.0.7']);
  });

  it('shows the proxy without its credentials', () => {
    expect(proxySettings({ HTTPS_PROXY: 'http://name:secret@proxy.example:3128' }).https).toBe('http://proxy.example:3128');
  });

  it.each(['socks5://name:secret@proxy.example', 'http://name:sec/ret@proxy:9:9', 'ftp://secret'])(
    'says that %s is none, without repeating it',
    (value) => {
      const { problem, https } = proxySettings({ HTTPS_PROXY: value });
      expect(problem).toContain('HTTPS_PROXY names no HTTP proxy');
      expect(problem).not.toContain('secret');
      expect(https).toBeUndefined();
    },
  );
});
