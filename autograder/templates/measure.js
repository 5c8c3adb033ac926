// Appended to a copy of a deck: looks at each slide with all its fragments
// shown and leaves what it found, as JSON, in an element of the page.
(async () => {
  const WIDTH = 1280, HEIGHT = 720;
  const MARGIN = {left: 40, top: 24, right: 40, bottom: 48};
  const refused = [];
  document.addEventListener('securitypolicyviolation', (event) =>
    refused.push(event.blockedURI));

  // Parts that are not text of the slide: formulas and drawings have letters
  // of their own, and formulas a copy for those who cannot see them.
  const APART = 'svg, mjx-assistive-mml, script, style, aside.notes';

  function boxes(section) {
    const walker = document.createTreeWalker(
      section, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const element = node.nodeType === 1 ? node : node.parentElement;
      if (element.closest(APART) && !node.matches?.('svg')) continue;
      if (element.closest('svg')?.parentElement.closest('svg')) continue;
      if (node.nodeType === 3 && !node.data.trim()) continue;
      // A box sticks out by what is in it.
      if (node.nodeType === 1 && node.firstChild && !node.matches('svg')) {
        continue;
      }
      const range = document.createRange();
      range.selectNodeContents(node);
      const rects = node.nodeType === 3
        ? range.getClientRects() : [node.getBoundingClientRect()];
      for (const rect of rects) {
        if (rect.width && rect.height) found.push({node, element, rect});
      }
    }
    return found;
  }

  function outside(section, found) {
    const page = section.getBoundingClientRect();
    const scale = page.width / WIDTH;
    const most = {};
    for (const {node, rect} of found) {
      const excess = {
        left: page.left + MARGIN.left * scale - rect.left,
        top: page.top + MARGIN.top * scale - rect.top,
        right: rect.right - page.left - (WIDTH - MARGIN.right) * scale,
        bottom: rect.bottom - page.top - (HEIGHT - MARGIN.bottom) * scale,
      };
      for (const [side, value] of Object.entries(excess)) {
        const pixels = Math.round(value / scale);
        if (pixels > 0 && pixels > (most[side]?.pixels ?? 0)) {
          most[side] = {pixels, what: describe(node)};
        }
      }
    }
    return most;
  }

  // What scrolls or is clipped inside sticks out of nothing, yet is not seen.
  function clipped(section) {
    return [...section.querySelectorAll('.slide, .slide *')]
      .filter((node) => !node.closest(APART))
      .filter((node) => getComputedStyle(node).overflow !== 'visible')
      .filter((node) => node.scrollWidth > node.clientWidth + 1 ||
        node.scrollHeight > node.clientHeight + 1)
      .map(describe);
  }

  function describe(node) {
    const text = (node.alt || node.textContent || '').trim();
    const tag = node.nodeType === 1 ? `<${node.localName}> ` : '';
    return tag + text.replace(/\s+/g, ' ').slice(0, 60);
  }

  function lettering(found) {
    const small = {};
    for (const {node, element} of found) {
      if (node.nodeType !== 3) continue;
      const size = parseFloat(getComputedStyle(element).fontSize);
      if (size < (small.size ?? 24)) {
        Object.assign(small, {size, what: describe(node)});
      }
    }
    return small;
  }

  function formulas(section, found) {
    const raw = found
      .filter(({node}) => node.nodeType === 3)
      .filter(({element}) => !element.closest('pre, code'))
      .filter(({node}) => /\$|\\\(|\\\[/.test(node.data))
      .map(({node}) => describe(node));
    const wrong = [...section.querySelectorAll('[data-mjx-error]')]
      .map((node) => node.dataset.mjxError);
    return [...raw, ...wrong];
  }

  // The exporter's own words stand where a text is missing; an animation's
  // text stands on the whole.
  function described(img) {
    const own = img.alt.startsWith('No description has been') ? '' : img.alt;
    return own || img.closest('[role=figure]')?.ariaLabel || '';
  }

  function pictures(section) {
    const scale = section.getBoundingClientRect().width / WIDTH;
    return [...section.querySelectorAll('img')].map((img) => ({
      alt: described(img),
      loaded: img.complete && img.naturalWidth > 0,
      // Less than 1: drawn smaller than it was made, so its letters are too.
      shown: img.getAttribute('width') && img.offsetParent
        ? img.getBoundingClientRect().width / scale /
          parseFloat(img.getAttribute('width')) : 1,
    }));
  }

  function measure(section) {
    const found = boxes(section);
    return {
      id: section.id,
      outside: outside(section, found),
      clipped: clipped(section),
      small: lettering(found),
      formulas: formulas(section, found),
      typeset: section.querySelectorAll('mjx-container').length,
      pictures: pictures(section),
      fragments: section.querySelectorAll('.fragment').length,
      notes: [...section.querySelectorAll('aside.notes')]
        .map((notes) => notes.textContent.trim()),
    };
  }

  const report = {slides: []};
  try {
    await window.deckReady;
    if (document.readyState !== 'complete') {
      await new Promise((loaded) => addEventListener('load', loaded));
    }
    for (const section of Reveal.getSlides()) {
      const {h, v} = Reveal.getIndices(section);
      Reveal.slide(h, v, section.querySelectorAll('.fragment').length);
      report.slides.push(measure(section));
    }
  } catch (error) {
    report.error = String(error);
  }
  report.requests = [...new Set([
    ...refused,
    ...performance.getEntriesByType('resource').map((entry) => entry.name),
  ])].filter((url) => !/^(data|blob|about):/.test(url));
  const element = document.createElement('script');
  element.type = 'application/json';
  element.id = 'measured';
  element.textContent =
    JSON.stringify(report).replace(/</g, '\\u003c');
  document.body.append(element);
})();
