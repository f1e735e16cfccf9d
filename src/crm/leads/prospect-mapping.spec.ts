import { describe, expect, it } from '@jest/globals';
import { leadOfProspect } from './prospect-mapping.js';

const prospect = {
  ProspectID: '95caf95f-6873-6558-7d21-88235eee7dd3',
  LeadOrigin: 'API',
  LeadSource: 'bing',
  TotalVisits: '2',
  TotalTime: '88',
  PageViews: '1.5',
  Specialization: 'Select',
  Occupation: '',
  Converted: '1',
};

describe('leadOfProspect', () => {
  it('makes a lead of what the data set says, and nothing of what it does not', () => {
    expect(leadOfProspect(prospect)).toEqual({
      source: 'website',
      sourceDetail: 'bing',
      company: { name: 'Prospect 95caf95f' },
      contact: {
        firstName: 'Prospect',
        lastName: '95caf95f',
        email: '95caf95f-6873-6558-7d21-88235eee7dd3@leads.example',
      },
      requirements: { origin: 'API', totalVisits: 2, totalTimeSeconds: 88, pageViews: 1.5 },
    });
    expect(leadOfProspect({ ...prospect, TotalVisits: '', Occupation: 'Student' })['requirements']).toEqual({
      origin: 'API',
      totalTimeSeconds: 88,
      pageViews: 1.5,
      occupation: 'Student',
    });
  });

  it.each([
    ['Google', 'website'],
    ['google', 'website'],
    ['Organic Search', 'website'],
    ['Direct Traffic', 'website'],
    ['Reference', 'referral'],
    ['Referral Sites', 'referral'],
    ['Facebook', 'social'],
    ['Youtube Channel', 'social'],
    ['Other', 'import'],
    ['Unknown', 'import'],
    ['toString', 'import'],
    ['', 'import'],
  ])('takes the source %s for %s', (LeadSource, source) => {
    const lead = leadOfProspect({ ...prospect, LeadSource });
    expect([lead['source'], lead['sourceDetail']]).toEqual([source, LeadSource === '' ? undefined : LeadSource]);
  });
});
