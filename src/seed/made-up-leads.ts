import type { NewLead } from '../crm/crm.contract.js';

const adjectives = ['Golden', 'Copper', 'Salty', 'Green', 'Silver', 'Hearty', 'Northern', 'Velvet', 'Rustic', 'Sunny'];
const nouns = ['Ladle', 'Basil', 'Skillet', 'Harvest', 'Olive', 'Pepper', 'Anchor', 'Orchard', 'Saffron', 'Oven'];
const kinds = [
  { name: 'Bistro', industry: 'restaurant' },
  { name: 'Trattoria', industry: 'restaurant' },
  { name: 'Grill', industry: 'restaurant' },
  { name: 'Kitchens', industry: 'restaurant' },
  { name: 'Bakery', industry: 'bakery' },
  { name: 'Catering', industry: 'catering' },
  { name: 'Coffee House', industry: 'cafe' },
  { name: 'Hotel', industry: 'hotel' },
  { name: 'Canteen', industry: 'canteen' },
  { name: 'Foods', industry: 'wholesale' },
] as const;
const firstNames = ['Ann', 'Ben', 'Chen', 'Dalia', 'Emil', 'Fatou', 'Greta', 'Hugo', 'Ines', 'Jonas', 'Kira', 'Luca'];
const lastNames = [
  'Adler',
  'Bauer',
  'Castro',
  'Diallo',
  'Evans',
  'Fischer',
  'Garcia',
  'Haddad',
  'Ito',
  'Jansen',
  'Kaya',
];
const titles = ['Owner', 'Head chef', 'Kitchen manager', 'Purchasing', 'General manager', null];
const sources = ['website', 'website', 'referral', 'trade_show', 'cold_call', 'email', 'social', 'partner'] as const;
const cuisines = ['italian', 'levantine', 'vegan', 'seafood', 'barbecue', 'pastry', 'regional'];
const sizes = [
  { size: 'small', revenue: 150_000, covers: 30 },
  { size: 'small', revenue: 280_000, covers: 45 },
  { size: 'medium', revenue: 650_000, covers: 90 },
  { size: 'medium', revenue: 900_000, covers: 120 },
  { size: 'large', revenue: 2_400_000, covers: 400 },
  { size: 'enterprise', revenue: 11_000_000, covers: 2_500 },
] as const;

const NAMES = adjectives.length * nouns.length * kinds.length;
/** Numbers ending in 55501xx are kept free for fiction; with the area codes from 200 to 999 there are so many of them. */
const PHONE_NUMBERS = 80_000;

/**
 * A made-up food-service company that is interested, as the body of `POST /leads`. The same for the same number, and no
 * duplicate of the lead of any other number below 80,000.
 * @param number whole, 0 to 79,999
 */
export function madeUpLead(number: number): NewLead {
  const pick = picker(number);
  const kind = kinds[number % kinds.length]!;
  const noun = nouns[Math.floor(number / kinds.length) % nouns.length]!;
  const adjective = adjectives[Math.floor(number / kinds.length / nouns.length) % adjectives.length]!;
  const round = Math.floor(number / NAMES);
  const name = `${adjective} ${noun} ${kind.name}${round === 0 ? '' : ` ${round + 1}`}`;
  const domain = `${name.toLowerCase().replaceAll(' ', '-')}.example`;
  const { size, revenue, covers } = pick(sizes);
  const [firstName, lastName] = [pick(firstNames), pick(lastNames)];
  return {
    source: pick(sources),
    sourceDetail: null,
    company: { name, industry: kind.industry, size, website: `https://${domain}`, annualRevenue: revenue },
    contact: {
      firstName,
      lastName,
      title: pick(titles),
      email: `${firstName}.${lastName}@${domain}`.toLowerCase(),
      phone: pick([true, true, false]) ? phoneOf(number) : null,
    },
    requirements: { cuisine: pick(cuisines), covers },
    score: 0,
    assigneeId: null,
  };
}

function phoneOf(number: number): string {
  const within = number % PHONE_NUMBERS;
  return `+1 ${200 + Math.floor(within / 100)} 555 01${String(within % 100).padStart(2, '0')}`;
}

/** Picks by a linear congruential generator (Numerical Recipes), its high bits alone: the low ones have short periods. */
function picker(seed: number): <T>(values: readonly T[]) => T {
  let state = Math.imul(seed + 1, 2_654_435_761) >>> 0;
  return (values) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return values[Math.floor((state / 2 ** 32) * values.length)]!;
  };
}
