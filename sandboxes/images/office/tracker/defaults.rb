# What is the same in every trial: run once by `rails runner` when the image is built.
Redmine::DefaultData::Loader.load('en') if Redmine::DefaultData::Loader.no_data?
Setting.app_title = 'Acme Tracker'
Setting.welcome_text = '[Your issues](/my/page), [all projects](/projects) with their issues, hours and wiki.'
Setting.date_format = '%Y-%m-%d'
Setting.time_format = '%H:%M'
Setting.host_name = 'tracker.acme.test'
Setting.protocol = 'https'
Setting.rest_api_enabled = '1'
Setting.jsonp_enabled = '0'
Setting.login_required = '1'
Setting.self_registration = '0'
Setting.lost_password = '0'
Setting.password_min_length = '8'
Setting.notified_events = []
Setting.gravatar_enabled = '0'
Setting.default_language = 'en'
# Projects wait for one another.
Setting.cross_project_issue_relations = '1'
# The clock on the wall is not the office's time.
Setting.default_issue_start_date_to_creation_date = '0'
Setting.parent_issue_dates = 'independent'
Setting.parent_issue_priority = 'independent'
Setting.parent_issue_done_ratio = 'independent'
Setting.timespan_format = 'decimal'
Setting.default_projects_public = '0'
task = Tracker.find_by(name: 'Task') || Tracker.create!(name: 'Task', default_status: IssueStatus.first)
Role.givable.each { |role| WorkflowRule.copy(Tracker.first, role, [task], [role]) }
office = User.new(firstname: 'Office', lastname: 'System', mail: 'office@acme.test', admin: true)
office.login = 'office'
office.password = office.password_confirmation = SecureRandom.hex(24)
office.save!
admin = User.find_by_login('admin')
admin.password = admin.password_confirmation = SecureRandom.hex(24)
admin.must_change_passwd = false
admin.status = User::STATUS_LOCKED
admin.save!(validate: false)
