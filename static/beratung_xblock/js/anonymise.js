/* Finds what could identify a person, with the rules and names of the server: the steps of `beratung_xblock/anonymise/engine.py`.
 * `createChecker(rules, names)` takes the two JSON files. Offsets are code points; `toUnits` gives those of the browser.
 */
const SPECIAL = { "ı": "i", "ł": "l", "ø": "o", "ß": "ss", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ə": "e" };
const BREAK = "\n\u0001\n";
const SEASONS = ["im Winter", "im Frühjahr", "im Sommer", "im Herbst"];
const MONTHS = ["jan", "feb", "mär", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez"];
const TENS = ["", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"];
const ARTICLES = new Set(["die", "der", "eine", "einer", "einen", "ein", "dem", "den", "das", "diese", "dieser", "keine", "jede"]);

const fold = (word) => Array.from(word.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, ""), (c) => SPECIAL[c] ?? c).join("");
const isUpper = (text) => text !== text.toLowerCase() && text === text.toUpperCase();
const endsWith = (text, endings) => endings.some((ending) => text.endsWith(ending));

function replacement(rule, match) {
  const text = match[0];
  if (rule.age && Number(match[rule.age]) >= 20) {
    const age = Number(match[rule.age]);
    return (age % 10 < 4 ? "Anfang " : age % 10 < 7 ? "Mitte " : "Ende ") + TENS[Math.floor(age / 10)];
  }
  if (rule.season && (text.startsWith("am") || text.startsWith("Am"))) {
    const words = text.toLowerCase().match(/[0-9]+|[a-zä]+/g);
    const month = /^[0-9]+$/.test(words[2]) ? Number(words[2]) : MONTHS.indexOf(words[2].slice(0, 3).replace("jän", "jan")) + 1;
    const season = SEASONS[Math.floor((month % 12) / 3)];
    return (text[0] === "a" ? season : season[0].toUpperCase() + season.slice(1)) + " " + (words[1].length === 4 ? words[1] : words[3]);
  }
  return rule.replacement;
}

export function createChecker(rules, names) {
  const compile = (pattern) => {
    for (let i = 0; i < 2; i += 1) {
      for (const [name, chars] of Object.entries(rules.classes)) { pattern = pattern.replaceAll(`{${name}}`, chars); }
    }
    return new RegExp(pattern, "gud");
  };
  const patterns = rules.rules.map((rule) => [rule, compile(rule.pattern)]);
  const word = compile(rules.word);
  const gap = compile(`^${rules.gap}$`);
  const titleGap = compile("^\\.?[{S}]{0,3}$");
  const letterUsed = compile("(?<![{L}{D}])([A-Z])\\.");
  const set = (text) => new Set(text.split(" "));
  const [female, male, either, ambiguous] = [names.female, names.male, names.either, names.ambiguous].map(set);
  const given = new Set([...female, ...male, ...either]);
  const [surnames, wordy, everyday] = [names.surnames, names.wordy_surnames, names.words].map(set);
  const [more, offices, particles, introducers, publicNumbers] =
    [rules.more_titles, rules.offices, rules.particles, rules.introducers, rules.public_numbers].map((list) => new Set(list));
  const surnameEndings = rules.surname_endings.map(fold);
  const nounEndings = rules.noun_endings.map(fold);
  const titledEndings = rules.titled_endings.map(fold);
  const fits = (pattern, text) => { pattern.lastIndex = 0; return pattern.test(text); };
  const titled = (text) => Object.hasOwn(rules.titles, text);

  const lookup = (w, list) => {
    let folded = w.folded;
    for (const mark of ["'", "’"]) {
      const at = folded.lastIndexOf(mark);
      if (at >= 0 && ["s", ""].includes(folded.slice(at + 1))) { folded = folded.slice(0, at); }
    }
    if (list.has(folded)) { return folded; }
    if (folded.includes("-") && folded.split("-").every((part) => given.has(part) || surnames.has(part) || wordy.has(part))) {
      return list.has(folded.split("-")[0]) ? folded : "";
    }
    return folded.length >= 4 && folded.endsWith("s") && list.has(folded.slice(0, -1)) && !everyday.has(folded) ? folded.slice(0, -1) : "";
  };
  const isWord = (text) => { const folded = fold(text); return everyday.has(folded) || endsWith(folded, nounEndings); };
  const upper = (w) => w.text.length >= 2 && isUpper(w.text[0]) && !"'’-".includes(w.text[1]);
  const shout = (w) => w.text.length <= 4 && isUpper(w.text);
  const plain = (w) => !(lookup(w, given) || lookup(w, surnames) || wordy.has(w.folded)) && (everyday.has(w.folded) || endsWith(w.folded, nounEndings));
  const surname = (w) => {
    if (!upper(w) || shout(w)) { return false; }
    if (lookup(w, surnames)) { return true; }
    const folded = w.folded.endsWith("s") ? w.folded.slice(0, -1) : w.folded;
    return folded.length >= 6 && !everyday.has(folded) && endsWith(folded, surnameEndings);
  };
  const known = (w) => Boolean(lookup(w, given)) || wordy.has(w.folded) || surname(w);

  function check(text) {
    const taken = new Uint8Array(text.length);
    const found = [];
    const words = Array.from(text.matchAll(word), (m) => ({ start: m.index, end: m.index + m[0].length, text: m[0], folded: fold(m[0]) }));
    const free = (start, end) => !taken.subarray(start, end).includes(1);
    const near = (a, b, title = false) => b.start - a.end < 8 && fits(title ? titleGap : gap, text.slice(a.end, b.start));
    const follows = (at) => at + 1 < words.length && near(words[at], words[at + 1]);

    const scan = (hints) => {
      for (const [rule, pattern] of patterns) {
        if ((rule.strength === "hint") !== hints) { continue; }
        for (const match of text.matchAll(pattern)) {
          const [start, end] = match.indices[rule.group ?? 0];
          if (!free(start, end) || (rule.stop !== undefined && isWord(match[rule.stop]))) { continue; }
          if (rule.kind === "phone" && publicNumbers.has(text.slice(start, end).replace(/[^0-9]/g, ""))) { continue; }
          taken.fill(1, start, end);
          found.push({ kind: rule.kind, start, end, strength: rule.strength, replacement: replacement(rule, match), group: 0 });
        }
      }
    };
    const extend = (at) => {
      let end = at + 1;
      let anything = Boolean(lookup(words[at], given)) || ambiguous.has(words[at].folded);
      while (end < words.length && end - at < 5 && near(words[end - 1], words[end])) {
        let after = end;
        while (after < words.length && after - end < 2 && particles.has(words[after].text) && follows(after)) { after += 1; }
        const w = words[after];
        if (!upper(w) || plain(w) || !(anything || known(w))) { break; }
        anything = anything && Boolean(lookup(w, given));
        end = after + 1;
      }
      return end;
    };
    const make = (kind, start, end, strength, own, prefix = "") => ({ kind, start, end, strength, words: own, prefix });
    const afterTitle = (first) => {
      let at = first + 1;
      while (at < words.length && at - first < 4 && (titled(words[at].text) || more.has(words[at].text)) && near(words[at - 1], words[at], true)) { at += 1; }
      const begin = at;
      while (at < words.length && at - begin < 2 && particles.has(words[at].folded) && near(words[at - 1], words[at]) && follows(at)) { at += 1; }
      if (at >= words.length || !near(words[at - 1], words[at], at === begin)) { return [null, first + 1]; }
      const name = words[at];
      const named = !everyday.has(name.folded) && endsWith(name.folded, titledEndings);
      if (!upper(name) || (plain(name) && !named)) { return [null, first + 1]; }
      const title = words[first].text;
      const article = first > 0 && ARTICLES.has(words[first - 1].text.toLowerCase()) && near(words[first - 1], words[first]);
      const sure = known(name) || ambiguous.has(name.folded);
      const strength = !sure && (offices.has(title) || more.has(title) || article) ? "hint" : "name";
      const end = extend(at);
      if (end - at > 1) { return [make("full_name", words[begin].start, words[end - 1].end, strength, words.slice(at, end)), end]; }
      return [make("surname_with_title", words[first].start, name.end, strength, [name], `${titled(title) ? rules.titles[title] : title} `), at + 1];
    };
    const introduced = (at) => {
      if (at + 1 >= words.length || (at > 0 && words[at - 1].text.toLowerCase() === "das")) { return [null, at + 1]; }
      const name = words[at + 1];
      const between = text.slice(words[at].end, name.start);
      if (between.length > 3 || !/^[ :]+$/.test(between) || !upper(name) || plain(name) || known(name)) { return [null, at + 1]; }
      return [make("first_name", name.start, name.end, words[at].text === "namens" ? "name" : "hint", [name]), at + 2];
    };
    const person = (at) => {
      const w = words[at];
      if (titled(w.text) || more.has(w.text) || offices.has(w.text)) { return afterTitle(at); }
      if (introducers.has(w.text)) { return introduced(at); }
      if (!upper(w)) {
        const hint = w.folded.length >= 5 && given.has(w.folded) && !everyday.has(w.folded) && w.text === w.text.toLowerCase();
        return [hint ? make("first_name", w.start, w.end, "hint", [w]) : null, at + 1];
      }
      const saint = at > 0 && ["Sankt", "St"].includes(words[at - 1].text) && near(words[at - 1], w, true);
      const first = lookup(w, given);
      if (first && !saint && !shout(w)) {
        const end = extend(at);
        const full = end - at > 1;
        const prefix = female.has(first) ? "Frau " : male.has(first) ? "Herr " : "Person ";
        return [make(full ? "full_name" : "first_name", w.start, words[end - 1].end, "name", words.slice(at, end), full ? prefix : ""), end];
      }
      if (ambiguous.has(w.folded) && follows(at) && surname(words[at + 1])) {
        return [make("full_name", w.start, words[at + 1].end, "name", words.slice(at, at + 2), "Person "), at + 2];
      }
      return surname(w) ? [make("surname", w.start, w.end, "name", [w]), at + 1] : [null, at + 1];
    };
    const persons = () => {
      const people = [];
      const take = (one) => { people.push(one); taken.fill(1, one.start, one.end); };
      for (let at = 0; at < words.length;) {
        const [one, next] = person(at);
        if (one && free(one.start, one.end)) { take(one); }
        at = next;
      }
      const family = new Set(people.filter((p) => p.kind === "full_name" || p.kind === "surname_with_title").map((p) => p.words.at(-1).folded)
        .filter((name) => name.length >= 4 && !everyday.has(name)));
      for (const w of words) {
        if (upper(w) && lookup(w, family) && free(w.start, w.end)) { take(make("surname", w.start, w.end, "name", [w])); }
      }
      const used = new Set(Array.from(text.matchAll(letterUsed), (m) => m[1]));
      const groups = new Map();
      const letters = new Map();
      for (const p of people.sort((a, b) => a.start - b.start)) {
        const keys = p.words.map((w) => lookup(w, given) || lookup(w, surnames) || w.folded);
        const group = groups.get(keys.at(-1)) || (keys.length === 1 && groups.get(keys[0])) || letters.size + 1;
        for (const key of keys) { if (!groups.has(key)) { groups.set(key, group); } }
        if (!letters.has(group)) {
          const initials = new Set(keys.map((key) => key.slice(0, 1).toUpperCase()));
          const letter = Array.from(rules.sentence_letters).find((one) => !used.has(one) && !initials.has(one)) ?? "X";
          letters.set(group, letter);
          used.add(letter);
        }
        const dot = text[p.end] === "." ? "" : ".";
        found.push({ kind: p.kind, start: p.start, end: p.end, strength: p.strength, replacement: p.prefix + letters.get(group) + dot, group });
      }
    };
    scan(false);
    persons();
    scan(true);
    found.sort((a, b) => a.start - b.start);
    const points = new Uint32Array(text.length + 1);
    for (let i = 0, n = 0; i < text.length; n += 1) {
      const step = text.codePointAt(i) > 0xffff ? 2 : 1;
      points.fill(n, i, i + step);
      i += step;
      points[i] = n + 1;
    }
    return found.map((find) => ({ ...find, start: points[find.start], end: points[find.end], from: find.start, to: find.end }));
  }
  /* The texts of one case together: one table of names for all of them, finds text by text. */
  function checkAll(texts) {
    const points = texts.map((text) => Array.from(text).length);
    const whole = check(texts.join(BREAK));
    let start = 0;
    let from = 0;
    return texts.map((text, at) => {
      const [first, last, unit] = [start, start + points[at], from];
      start = last + BREAK.length;
      from += text.length + BREAK.length;
      return whole.filter((find) => first <= find.start && find.end <= last)
        .map((find) => ({ ...find, start: find.start - first, end: find.end - first, from: find.from - unit, to: find.to - unit }));
    });
  }
  return { findings: check, findingsOf: checkAll };
}
