# Fills the tracker through Redmine's own models, with authors and dates, and tells what is in it.
class OfficeController < ActionController::Base
  KEY = File.read('/etc/office/tracker.key').strip
  MODULES = %w[issue_tracking wiki files documents time_tracking calendar gantt news].freeze
  NAMES = {
    'status_id' => IssueStatus, 'priority_id' => IssuePriority, 'category_id' => IssueCategory,
    'tracker_id' => Tracker, 'project_id' => Project
  }.freeze

  skip_forgery_protection
  before_action { head :not_found unless request.headers['X-Office-Key'] == KEY }
  around_action do |_, action|
    User.current = User.find_by_login('office')
    ActiveRecord::Base.transaction { action.call }
  rescue ActiveRecord::ActiveRecordError, KeyError => e
    render plain: "#{e.class}: #{e.message}", status: 422
  end

  def welcome
    given.each do |person|
      first, _, last = person['name'].partition(' ')
      user = User.find_by_login(person['login']) || User.new
      user.assign_attributes(
        firstname: first, lastname: last.presence || '-', mail: "#{person['login']}@acme.test",
        language: 'en', mail_notification: 'none', admin: person['admin']
      )
      user.login = person['login']
      user.password = user.password_confirmation = person['password']
      user.save!
    end
    head :no_content
  end

  def seed
    given['projects'].each { |one| add_project(one) }
    issues = given['issues'].to_h { |one| [add_issue(one), one] }
    issues.each { |issue, one| connect(issue, one) }
    JournalDetail.delete_all # what connecting them wrote
    Journal.delete_all
    issues.each { |issue, one| comment(issue, one) }
    given['wiki'].each { |one| add_page(one) }
    given['wiki'].each { |one| lay_below(one) if one['parent'].present? }
    given['hours'].each { |one| add_hours(one) }
    head :no_content
  end

  def state
    render json: {
      projects: Project.order(:id).map { |one| project_of(one) },
      issues: Issue.order(:id).map { |one| issue_of(one) },
      wiki: WikiPage.includes(:content).order(:id).filter_map { |one| page_of(one) },
      redirects: WikiRedirect.order(:id).map { |one| redirect_of(one) },
      hours: TimeEntry.order(:id).map { |one| hours_of(one) },
      accounts: User.where.not(login: %w[office admin]).order(:id).filter_map { |one| account_of(one) }
    }
  end

  def news
    issues = Issue.where('id > ?', given['issue']).order(:id).map { |one| said(one, one.author, one.description, one.id) }
    comments = Journal.where('id > ?', given['comment']).where(journalized_type: 'Issue').order(:id)
    pages = WikiContentVersion.where('id > ?', given['page']).order(:id)
    render json: issues.map { |one| one.merge(opened: true) } +
                 comments.map { |one| said(one.journalized, one.user, one.notes, one.id) } +
                 pages.map { |one| { id: one.id, who: one.author&.login.to_s, page: one.page&.title.to_s } }
  end

  def act
    number = given['do'] == 'issue' ? add_issue(given['issue']).id : change_issue(given)
    render json: { number: number }
  end

  private

  def said(issue, who, text, id)
    {
      id: id, who: who.login, number: issue.id, subject: issue.subject, text: text.to_s,
      author: issue.author.login, assignee: issue.assigned_to&.login.to_s, opened: false
    }
  end

  def change_issue(one)
    issue = Issue.find(one['number'])
    User.current = person(one['author'])
    issue.init_journal(User.current, one['text'])
    issue.status = named(IssueStatus, one['status']) if one['status'].present?
    issue.priority = named(IssuePriority, one['priority']) if one['priority'].present?
    issue.assigned_to = person(one['assignee']) if one['assignee'].present?
    issue.notify = false
    issue.save!
    issue.id
  end

  def given
    @given ||= JSON.parse(request.body.read)
  end

  def person(login)
    User.find_by_login(login) || raise(KeyError, "no person #{login}")
  end

  def named(kind, name)
    kind.where('lower(name) = ?', name.downcase).first || raise(KeyError, "no #{kind} #{name}")
  end

  def project(identifier)
    Project.find_by(identifier: identifier) || raise(KeyError, "no project #{identifier}")
  end

  def add_project(one)
    made = Project.new(
      name: one['name'], identifier: one['identifier'], description: one['description'],
      is_public: false
    )
    made.trackers = Tracker.all
    made.enabled_module_names = MODULES
    made.save!
    role = Role.givable.find_by(name: 'Manager')
    one['members'].each { |login| Member.create!(principal: person(login), project: made, roles: [role]) }
    one['categories'].each { |name| made.issue_categories.create!(name: name) }
  end

  def add_issue(one)
    where = project(one['project'])
    issue = Issue.new(
      project: where, tracker: named(Tracker, one['kind']), subject: one['subject'],
      description: one['description'], status: named(IssueStatus, one['status']),
      priority: named(IssuePriority, one['priority']), author: person(one['author']),
      due_date: one['due'].presence, done_ratio: one['done'], start_date: nil
    )
    issue.assigned_to = person(one['assignee']) if one['assignee'].present?
    issue.category = named(where.issue_categories, one['category']) if one['category'].present?
    issue.id = one['number'] unless Issue.exists?(one['number']) # taken by one of the worker's
    issue.notify = false
    issue.save!
    issue
  end

  def connect(issue, one)
    if one['parent']
      issue.reload.parent_issue_id = one['parent']
      issue.save!
    end
    one['relations'].each do |relation|
      kind, number = relation.split
      IssueRelation.create!(issue_from: issue, issue_to: Issue.find(number), relation_type: kind)
    end
  end

  def comment(issue, one)
    one['comments'].each do |said|
      journal = Journal.new(journalized: issue, user: person(said['author']), notes: said['text'])
      journal.notify = false
      journal.save!
      journal.update_columns(created_on: said['at'], updated_on: said['at'])
    end
    updated = one['updated'] || one['comments'].last&.fetch('at') || one['created']
    closed = issue.status.is_closed? ? updated : nil
    Issue.where(id: issue.id).update_all(created_on: one['created'], updated_on: updated, closed_on: closed)
  end

  def add_page(one)
    page = WikiPage.new(wiki: project(one['project']).wiki, title: one['title'])
    content = WikiContent.new(page: page, text: one['text'], author: person(one['author']))
    page.save_with_content(content) || raise(KeyError, page.errors.full_messages.join(', '))
    page.update_columns(created_on: one['at'])
    page.content.update_columns(updated_on: one['at'])
    page.content.versions.update_all(updated_on: one['at'])
  end

  def lay_below(one)
    wiki = project(one['project']).wiki
    below = wiki.find_page(one['parent']) || raise(KeyError, "no page #{one['parent']}")
    wiki.find_page(one['title']).update_columns(parent_id: below.id)
  end

  def add_hours(one)
    who = person(one['person'])
    entry = TimeEntry.new(
      project: project(one['project']), issue: one['issue'] && Issue.find(one['issue']), user: who,
      author: who, spent_on: one['day'], hours: one['hours'], comments: one['comment'],
      activity: named(TimeEntryActivity, one['activity'])
    )
    entry.id = one['number']
    entry.save!
  end

  def project_of(one)
    {
      identifier: one.identifier, name: one.name, description: one.description.to_s,
      members: one.members.map { |member| member.principal.login }.sort,
      categories: one.issue_categories.map(&:name).sort
    }
  end

  def issue_of(one)
    {
      number: one.id, project: one.project.identifier, subject: one.subject,
      description: one.description.to_s, kind: one.tracker.name, status: one.status.name,
      priority: one.priority.name, author: one.author.login, assignee: one.assigned_to&.login.to_s,
      category: one.category&.name.to_s, parent: one.parent_id, due: one.due_date.to_s,
      done: one.done_ratio, created: one.created_on.iso8601, updated: one.updated_on.iso8601,
      comments: one.journals.order(:id).map { |journal| comment_of(journal) },
      relations: one.relations.map { |relation| relation_of(one, relation) }.sort,
      attachments: one.attachments.map { |file| "#{file.filename} #{file.digest}" }.sort
    }
  end

  def relation_of(issue, relation)
    "#{relation.relation_type_for(issue)} #{relation.other_issue(issue).id}"
  end

  def comment_of(journal)
    {
      author: journal.user.login, at: journal.created_on.iso8601, text: journal.notes.to_s,
      changes: journal.details.order(:id).map { |detail| change_of(detail) }
    }
  end

  def change_of(detail)
    key = detail.prop_key
    return "#{key} changed" if key == 'description'

    "#{key.delete_suffix('_id')}: #{value(key, detail.old_value)} -> #{value(key, detail.value)}"
  end

  def value(key, id)
    return User.find_by(id: id)&.login if key == 'assigned_to_id'

    NAMES.key?(key) ? NAMES[key].find_by(id: id)&.name : id
  end

  def page_of(one)
    return unless one.content

    {
      project: one.wiki.project.identifier, title: one.pretty_title, text: one.content.text.to_s,
      author: one.content.author&.login.to_s, at: one.content.updated_on.iso8601,
      parent: one.parent&.pretty_title.to_s
    }
  end

  def redirect_of(one)
    {
      project: one.wiki.project.identifier, title: one.title.tr('_', ' '),
      to: one.redirects_to.tr('_', ' ')
    }
  end

  def hours_of(one)
    {
      number: one.id, project: one.project.identifier, issue: one.issue_id, person: one.user.login,
      day: one.spent_on.to_s, hours: one.hours, activity: one.activity.name,
      comment: one.comments.to_s
    }
  end

  def account_of(one)
    return if one.anonymous?

    { login: one.login, name: one.name, address: one.mail.to_s, admin: one.admin?, active: one.active? }
  end
end
