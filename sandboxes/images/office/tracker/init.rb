# The way in for the office's own programs; nginx does not let anybody else come here.
Redmine::Plugin.register :office do
  name 'Office'
  description 'Fills the tracker and tells what is in it'
  version '1'
end

# The tracker sends no mail: what it says of new accounts would lie in every mailbox.
ActionMailer::Base.perform_deliveries = false
Mailer.define_singleton_method(:deliver_security_notification) { |*, **| nil }

# Times are told as they are (`over 1 year ago` is the same for all), and nothing leads outside.
Rails.application.config.after_initialize do
  ApplicationHelper.prepend(Module.new do
    def time_tag(time)
      content_tag('abbr', format_time(time)) if time
    end
  end)
end
Redmine::MenuManager.map(:top_menu) { |menu| menu.delete(:help) }
